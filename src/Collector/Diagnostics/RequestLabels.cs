namespace Collector.Diagnostics;

/// <summary>What brought a request; a label, so that its values are few and known.</summary>
internal enum RequestTransport
{
    Grpc,
    Http,
}

/// <summary>What a request held; a label, so that its values are few and known.</summary>
internal enum RequestSignal
{
    /// <summary>Nobody knows: there is no such method or path.</summary>
    Unknown,
    Logs,
    Traces,
    Tail,
}
