namespace Collector.Model;

/// <summary>Takes rows one by one.</summary>
internal interface IRowSink
{
    /// <summary>
    /// Takes one row, whose memory is valid only during the call. False: enough, the answer ends with this row as if its
    /// limit had been reached.
    /// </summary>
    bool Accept(in StoredRow row);
}
