namespace Collector.Storage.Sqlite.Spool;

/// <summary>Another process has the spool's folder.</summary>
internal sealed class SpoolInUseException(string folder, string holder) : IOException($"{folder} (Spool:Path) is in use by {holder}.");
