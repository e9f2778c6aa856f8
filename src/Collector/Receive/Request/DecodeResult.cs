namespace Collector.Receive.Request;

internal enum DecodeStatus
{
    Ok,

    /// <summary>The bytes are not what they claim to be; a retry would fail the same way.</summary>
    Malformed,

    /// <summary>Well-formed, and none of it is known: another signal's message, or no message of this protocol.</summary>
    NotUnderstood,

    /// <summary>The allowance said no; a retry may succeed.</summary>
    MemoryRefused,
}

/// <summary>How decoding ended. Unless it is Ok, nothing of the batch may be used.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Offset">Where in the message it went wrong; 0 unless malformed.</param>
/// <param name="Message">English, for the producer's developer; null unless malformed.</param>
/// <param name="Warning">What the producer's developer should know although all went well, or null.</param>
internal readonly record struct DecodeResult(
    DecodeStatus Status, int Offset = 0, string? Message = null, string? Warning = null);
