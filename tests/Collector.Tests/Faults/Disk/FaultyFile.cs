using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Collector.Tests.Faults.Disk;

/// <summary>
/// An open file of an <see cref="UnreliableDisk"/>. SQLite's memory for it holds our methods, a handle to this object, and
/// behind them the real file.
/// </summary>
internal sealed unsafe class FaultyFile(UnreliableDisk disk, string path, SqliteFile* real)
{
    /// <summary>What is ours of SQLite's memory.</summary>
    public static readonly int Size = sizeof(Head);

    private static readonly ConcurrentDictionary<nint, nint> _methods = new();

    public static int Open(UnreliableDisk disk, string path, SqliteVfs* vfs, byte* name, SqliteFile* file, int flags, int* outFlags)
    {
        // SQLite closes what has methods, also where opening failed.
        file->Methods = null;
        var real = (SqliteFile*)((byte*)file + Size);
        return disk.Run(DiskOperation.Open, path, SqliteCode.CantOpen, (_, _) =>
        {
            var isNew = !File.Exists(path);
            var code = vfs->Open(vfs, name, real, flags, outFlags);
            if (real->Methods == null)
            {
                return code;
            }

            var head = (Head*)file;
            head->Owner = GCHandle.ToIntPtr(GCHandle.Alloc(new FaultyFile(disk, path, real)));
            head->Methods = (SqliteFileMethods*)_methods.GetOrAdd((nint)real->Methods, static real => Wrap((SqliteFileMethods*)real));
            if (code == SqliteCode.Ok)
            {
                disk.Opened(path, isNew);
            }

            return code;
        });
    }

    private int ReadPart(byte* target, int count, long offset) =>
        disk.Run(DiskOperation.Read, path, SqliteCode.IoErrorRead, (_, _) => real->Methods->Read(real, target, count, offset));

    private int WritePart(byte* source, int count, long offset) => disk.Run(
        DiskOperation.Write, path, SqliteCode.IoErrorWrite, (history, share) =>
    {
        var part = share >= 1 ? count : (int)(count * share);
        var (size, before) = Look(offset, part);
        var code = part == 0 ? SqliteCode.Ok : real->Methods->Write(real, source, part, offset);
        if (code == SqliteCode.Ok)
        {
            history.Written(offset, before, new Span<byte>(source, part).ToArray(), size);
        }

        return code;
    });

    private int Truncate(long newSize) => disk.Run(DiskOperation.Truncate, path, SqliteCode.IoErrorTruncate, (history, _) =>
    {
        var (size, _) = Look(0, 0);
        var (_, cut) = Look(newSize, (int)Math.Max(0, size - newSize));
        var code = real->Methods->Truncate(real, newSize);
        if (code == SqliteCode.Ok)
        {
            history.Truncated(newSize, cut);
        }

        return code;
    });

    // The real disk need not be waited for: what is durable here is what the history says.
    private int Sync() => disk.Run(DiskOperation.Sync, path, SqliteCode.IoErrorSync, (history, _) =>
    {
        history.Synced();
        disk.Synced();
        return SqliteCode.Ok;
    });

    private int MapIndex(int page, int size, int extend, void** target) => disk.Run(
        DiskOperation.MapIndex, path + "-shm", SqliteCode.IoErrorMap, (_, _) => real->Methods->ShmMap(real, page, size, extend, target));

    private (long Size, byte[] Content) Look(long offset, int count)
    {
        long size;
        real->Methods->FileSize(real, &size);
        var content = new byte[Math.Clamp(size - offset, 0, count)];
        fixed (byte* target = content)
        {
            if (content.Length > 0 && real->Methods->Read(real, target, content.Length, offset) is not (SqliteCode.Ok or SqliteCode.ShortRead))
            {
                throw new IOException($"{path} can't be read at {offset}");
            }
        }

        return (size, content);
    }

    private static nint Wrap(SqliteFileMethods* real)
    {
        var ours = (SqliteFileMethods*)NativeMemory.Alloc((nuint)sizeof(SqliteFileMethods));
        *ours = new SqliteFileMethods
        {
            Version = Math.Min(real->Version, 3),
            Close = &OnClose,
            Read = &OnRead,
            Write = &OnWrite,
            Truncate = &OnTruncate,
            Sync = &OnSync,
            FileSize = &OnFileSize,
            Lock = &OnLock,
            Unlock = &OnUnlock,
            CheckReservedLock = &OnCheckReservedLock,
            FileControl = &OnFileControl,
            SectorSize = &OnSectorSize,
            DeviceCharacteristics = &OnDeviceCharacteristics,
            // A file without locks, such as an immutable one, has no index of a WAL either.
            ShmMap = real->Version < 2 || real->ShmMap == null ? null : &OnShmMap,
            ShmLock = real->Version < 2 || real->ShmLock == null ? null : &OnShmLock,
            ShmBarrier = real->Version < 2 || real->ShmBarrier == null ? null : &OnShmBarrier,
            ShmUnmap = real->Version < 2 || real->ShmUnmap == null ? null : &OnShmUnmap,
            Fetch = real->Version < 3 || real->Fetch == null ? null : &OnFetch,
            Unfetch = real->Version < 3 || real->Unfetch == null ? null : &OnUnfetch,
        };
        return (nint)ours;
    }

    private static FaultyFile Of(SqliteFile* file) => (FaultyFile)GCHandle.FromIntPtr(((Head*)file)->Owner).Target!;

    private static SqliteFile* RealOf(SqliteFile* file) => (SqliteFile*)((byte*)file + sizeof(Head));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnClose(SqliteFile* file)
    {
        var real = RealOf(file);
        var code = real->Methods->Close(real);
        GCHandle.FromIntPtr(((Head*)file)->Owner).Free();
        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRead(SqliteFile* file, byte* target, int count, long offset) => Of(file).ReadPart(target, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(SqliteFile* file, byte* source, int count, long offset) => Of(file).WritePart(source, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnTruncate(SqliteFile* file, long size) => Of(file).Truncate(size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSync(SqliteFile* file, int flags) => Of(file).Sync();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShmMap(SqliteFile* file, int page, int size, int extend, void** target) =>
        Of(file).MapIndex(page, size, extend, target);

    // ---- what only passes through ----
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFileSize(SqliteFile* file, long* size) => RealOf(file)->Methods->FileSize(RealOf(file), size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLock(SqliteFile* file, int level) => RealOf(file)->Methods->Lock(RealOf(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnUnlock(SqliteFile* file, int level) => RealOf(file)->Methods->Unlock(RealOf(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCheckReservedLock(SqliteFile* file, int* isLocked) =>
        RealOf(file)->Methods->CheckReservedLock(RealOf(file), isLocked);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFileControl(SqliteFile* file, int operation, void* argument) =>
        RealOf(file)->Methods->FileControl(RealOf(file), operation, argument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSectorSize(SqliteFile* file) => RealOf(file)->Methods->SectorSize(RealOf(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnDeviceCharacteristics(SqliteFile* file) => RealOf(file)->Methods->DeviceCharacteristics(RealOf(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShmLock(SqliteFile* file, int offset, int count, int flags) =>
        RealOf(file)->Methods->ShmLock(RealOf(file), offset, count, flags);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnShmBarrier(SqliteFile* file) => RealOf(file)->Methods->ShmBarrier(RealOf(file));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShmUnmap(SqliteFile* file, int deletes) => RealOf(file)->Methods->ShmUnmap(RealOf(file), deletes);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFetch(SqliteFile* file, long offset, int count, void** page) =>
        RealOf(file)->Methods->Fetch(RealOf(file), offset, count, page);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnUnfetch(SqliteFile* file, long offset, void* page) =>
        RealOf(file)->Methods->Unfetch(RealOf(file), offset, page);

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public SqliteFileMethods* Methods;
        public nint Owner;
    }
}
