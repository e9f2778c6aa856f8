using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Tests.Faults.Disk;

/// <summary>
/// A SQLite VFS over the default one, and the default one in its place: files below an <see cref="UnreliableDisk"/> are
/// opened with methods of ours around the real ones, all others are the real VFS's alone, at no cost.
/// </summary>
internal static unsafe partial class FaultyVfs
{
    private const string Library = "e_sqlite3";

    private static readonly SqliteVfs* _real;
    private static ImmutableList<UnreliableDisk> _disks = [];

    static FaultyVfs()
    {
        // The product shuts the library down to configure it, which makes the real VFS the default again.
        SqliteLibrary.Load();
        _real = Find(null);
        var ours = (SqliteVfs*)NativeMemory.Alloc((nuint)sizeof(SqliteVfs));
        *ours = *_real;
        ours->Next = null;
        ours->Name = (byte*)Marshal.StringToCoTaskMemUTF8("faulty");
        // Room for either: a file of ours with the real one behind it, or the real one alone.
        ours->FileSize = FaultyFile.Size + _real->FileSize;
        ours->Open = &Open;
        ours->Delete = &Delete;
        var code = Register(ours, makeDefault: 1);
        if (code != SqliteCode.Ok)
        {
            throw new InvalidOperationException($"The faulty VFS can't be registered: SQLite {code}.");
        }
    }

    public static void Mount(UnreliableDisk disk) => ImmutableInterlocked.Update(ref _disks, static (all, one) => all.Add(one), disk);

    public static void Unmount(UnreliableDisk disk) => ImmutableInterlocked.Update(ref _disks, static (all, one) => all.Remove(one), disk);

    private static UnreliableDisk? DiskOf(string? path) =>
        path is null ? null : _disks.Find(disk => path.StartsWith(disk.Folder + "/", StringComparison.Ordinal));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(SqliteVfs* vfs, byte* name, SqliteFile* file, int flags, int* outFlags)
    {
        // The name goes on as it came: parameters of a URI stand behind its end.
        var path = Marshal.PtrToStringUTF8((nint)name);
        return DiskOf(path) is { } disk
            ? FaultyFile.Open(disk, path!, _real, name, file, flags, outFlags)
            : _real->Open(_real, name, file, flags, outFlags);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Delete(SqliteVfs* vfs, byte* name, int syncFolder)
    {
        var path = Marshal.PtrToStringUTF8((nint)name);
        if (DiskOf(path) is not { } disk)
        {
            return _real->Delete(_real, name, syncFolder);
        }

        return disk.Run(DiskOperation.Delete, path!, SqliteCode.IoErrorDelete, (_, _) =>
        {
            disk.Deleting(path!, syncFolder != 0);
            return _real->Delete(_real, name, 0);
        });
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_vfs_find")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial SqliteVfs* Find(byte* name);

    [LibraryImport(Library, EntryPoint = "sqlite3_vfs_register")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Register(SqliteVfs* vfs, int makeDefault);
}
