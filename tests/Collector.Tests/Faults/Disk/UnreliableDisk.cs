using System.Collections.Concurrent;

namespace Collector.Tests.Faults.Disk;

/// <summary>
/// A folder whose disk does what a test says. SQLite's files in it go through <see cref="FaultyVfs"/>: the faults meet their
/// operations, and what was written since the last sync that worked is known, so that a kill or a loss of power can be had
/// in the middle of an operation: the folder is copied as it would be found afterwards, and from then on nothing in the
/// old one can be written or read. Other programs' and .NET's own calls are not seen: what they do is taken for durable.
/// </summary>
internal sealed class UnreliableDisk : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _isOver = new();
    private readonly Dictionary<string, FileHistory> _histories = [];
    private readonly Dictionary<string, byte[]> _deleted = [];
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Random _random;
    private readonly string _after;
    private IReadOnlyList<Fault> _faults = [];

    /// <param name="folder">Exists; files that are in it count as durable.</param>
    /// <param name="after">Where the folder stands after a crash; does not exist.</param>
    /// <param name="seed">Decides how much of a write is done, and what a loss of power leaves.</param>
    public UnreliableDisk(string folder, string after, int seed)
    {
        Folder = folder;
        _after = after;
        _random = new Random(seed);
        FaultyVfs.Mount(this);
    }

    public string Folder { get; }

    /// <summary>Faults that happen from now on; those before don't any more.</summary>
    public IReadOnlyList<Fault> Faults
    {
        get => _faults;
        set
        {
            lock (_gate)
            {
                _faults = value;
            }
        }
    }

    /// <summary>The process or the power is gone; what goes on here is a ghost.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Faults of the instrument itself; none, or its findings are worth nothing.</summary>
    public IEnumerable<string> Errors => _errors;

    /// <summary>Operations by kind and file, for whoever wants to see that something was met at all.</summary>
    public ConcurrentDictionary<(DiskOperation Operation, string Name), int> Operations { get; } = new();

    /// <summary>Now, between two operations.</summary>
    /// <param name="losesPower">Else only the process ends.</param>
    public void Crash(bool losesPower)
    {
        lock (_gate)
        {
            CrashNow(losesPower);
        }
    }

    /// <summary>Runs an operation of a file under what is to happen to it.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="path">Of its file.</param>
    /// <param name="whenDead">What comes back when the process is gone.</param>
    /// <param name="run">Does it, with the file's history; told the share that is done.</param>
    public int Run(DiskOperation operation, string path, int whenDead, Func<FileHistory, double, int> run)
    {
        try
        {
            var fault = Meet(operation, path);
            if (fault is { Action: FaultAction.Delay })
            {
                _isOver.Wait(fault.Delay);
            }

            lock (_gate)
            {
                return IsDead ? whenDead : Do(fault, path, whenDead, run);
            }
        }
        catch (Exception e)
        {
            // Nothing may be thrown into SQLite.
            _errors.Enqueue(e.ToString());
            return whenDead;
        }
    }

    /// <summary>A file was opened, or made.</summary>
    public void Opened(string path, bool isNew)
    {
        if (isNew || !_histories.ContainsKey(path))
        {
            _histories[path] = new FileHistory { IsUnsaved = isNew };
        }
    }

    /// <summary>A file is about to be deleted; whether its name's end is on disk when this returns.</summary>
    public void Deleting(string path, bool isSynced)
    {
        if (_histories.Remove(path, out var history) && !isSynced && !history.IsUnsaved && File.Exists(path))
        {
            _deleted[path] = history.AfterPowerLoss(ReadShared(path), _random, survival: 1);
        }
    }

    /// <summary>A sync of any file brings the names before it to the disk, as a journaling file system does.</summary>
    public void Synced()
    {
        _deleted.Clear();
        foreach (var history in _histories.Values)
        {
            history.IsUnsaved = false;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            IsDead = true;
        }

        FaultyVfs.Unmount(this);
        _isOver.Set();
    }

    private Fault? Meet(DiskOperation operation, string path)
    {
        lock (_gate)
        {
            var name = Path.GetFileName(path);
            Operations.AddOrUpdate((operation, name), 1, static (_, count) => count + 1);
            Fault? met = null;
            foreach (var fault in _faults)
            {
                met = !IsDead && fault.Meets(operation, name) ? fault : met;
            }

            return met;
        }
    }

    private int Do(Fault? fault, string path, int whenDead, Func<FileHistory, double, int> run)
    {
        _histories.TryGetValue(path, out var history);
        history ??= new FileHistory();
        switch (fault?.Action)
        {
            case FaultAction.Fail:
                Failed(fault, history);
                return fault.ErrorCode;
            case FaultAction.Tear:
                run(history, _random.NextDouble());
                Failed(fault, history);
                return fault.ErrorCode;
            case FaultAction.KillWithin:
                run(history, _random.NextDouble());
                CrashNow(losesPower: false);
                return whenDead;
            case FaultAction.Kill or FaultAction.LosePower:
                CrashNow(fault.Action == FaultAction.LosePower);
                return whenDead;
            default:
                return run(history, 1);
        }
    }

    private static void Failed(Fault fault, FileHistory history)
    {
        if (fault.Operation == DiskOperation.Sync)
        {
            history.SyncFailed();
        }
    }

    private void CrashNow(bool losesPower)
    {
        if (IsDead)
        {
            return;
        }

        // First: what is acknowledged from here on doesn't count.
        IsDead = true;
        _isOver.Set();
        var survival = _random.Next(3) / 2.0;
        foreach (var path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).ToList())
        {
            CopyAfterCrash(path, losesPower, survival);
        }

        foreach (var (path, content) in _deleted)
        {
            if (losesPower && _random.Next(2) == 0)
            {
                Write(path, content);
            }
        }
    }

    private void CopyAfterCrash(string path, bool losesPower, double survival)
    {
        // A lock's holder is gone, and the index of a WAL is never synced.
        var extension = Path.GetExtension(path);
        if (extension is ".lock" or ".pid" || (losesPower && path.EndsWith("-shm", StringComparison.Ordinal)))
        {
            return;
        }

        try
        {
            var content = ReadShared(path);
            if (!losesPower || !_histories.TryGetValue(path, out var history))
            {
                Write(path, content);
            }
            else if (!history.IsUnsaved || _random.Next(2) == 0)
            {
                Write(path, history.AfterPowerLoss(content, _random, survival));
            }
        }
        catch (FileNotFoundException)
        {
            // The ghost's own threads delete and rename on.
        }
    }

    private void Write(string path, byte[] content)
    {
        var target = Path.Combine(_after, Path.GetRelativePath(Folder, path));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, content);
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[file.Length];
        file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content;
    }
}
