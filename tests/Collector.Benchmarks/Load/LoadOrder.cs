using System.Net;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks.Load;

/// <summary>What the load process is asked to send.</summary>
internal sealed record LoadOrder(IPEndPoint Grpc, long Rows)
{
    public static readonly string[] Options =
        [
            "--grpc", "--rows", "--rate", "--first", "--connections", "--in-flight", "--records-per-request", "--report-every",
            "--varied",
        ];

    /// <summary>Rows a second; 0 is as fast as acknowledgements come.</summary>
    public long Rate { get; init; }

    /// <summary>Number of the first row, so that a second load sends other rows.</summary>
    public long First { get; init; }

    public int Connections { get; init; } = 2;

    /// <summary>Requests that wait for their acknowledgement at the same time, at most.</summary>
    public int InFlight { get; init; } = 16;

    public int RecordsPerRequest { get; init; } = 100;

    /// <summary>Rows of a stretch that is reported by itself; 0: none is.</summary>
    public long ReportEvery { get; init; }

    /// <summary>Each row has words of its own.</summary>
    public bool IsVaried { get; init; }

    public static LoadOrder Read(Arguments from) => new(IPEndPoint.Parse(from.Text("--grpc")), from.Number("--rows", 100_000))
    {
        Rate = from.Number("--rate", 0),
        First = from.Number("--first", 0),
        Connections = (int)from.Number("--connections", 2),
        InFlight = (int)from.Number("--in-flight", 16),
        RecordsPerRequest = (int)from.Number("--records-per-request", 100),
        ReportEvery = from.Number("--report-every", 0),
        IsVaried = from.Number("--varied", 0) != 0,
    };

    public string[] ToArguments() =>
    [
        "load", "--grpc", $"{Grpc}", "--rows", $"{Rows}", "--rate", $"{Rate}", "--first", $"{First}",
        "--connections", $"{Connections}", "--in-flight", $"{InFlight}", "--records-per-request", $"{RecordsPerRequest}",
        "--report-every", $"{ReportEvery}", "--varied", IsVaried ? "1" : "0",
    ];
}
