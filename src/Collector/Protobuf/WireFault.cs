namespace Collector.Protobuf;

/// <summary>Why bytes cannot be framed, and where.</summary>
internal sealed record WireFault(int Offset, string Message);
