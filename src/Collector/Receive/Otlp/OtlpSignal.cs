using Collector.Diagnostics;

namespace Collector.Receive.Otlp;

/// <summary>Which of OTLP's requests a body holds.</summary>
internal enum OtlpSignal
{
    Logs,
    Traces,
}

internal static class OtlpSignals
{
    public static RequestSignal ToLabel(this OtlpSignal signal) =>
        signal == OtlpSignal.Logs ? RequestSignal.Logs : RequestSignal.Traces;
}
