namespace Collector.Storage.Sqlite.Sealing;

/// <summary>What sealing builds besides the indexes.</summary>
/// <param name="TextIndex">Segments get an index of their text. A segment of less than one block gets none.</param>
/// <param name="RowsInTextBlock">Rows of its blocks, at most.</param>
internal sealed record SealingOptions(bool TextIndex, int RowsInTextBlock);
