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
    /// <summary>Not known: there is no such method or path.</summary>
    Unknown,
    Logs,
    Traces,
    Tail,

    /// <summary>Never kept.</summary>
    Metrics,
}
