using System.Runtime.InteropServices;

namespace Collector.Tests.Faults.Disk;

/// <summary><c>sqlite3_file</c>: what SQLite holds of an open file begins with its methods.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SqliteFile
{
    public SqliteFileMethods* Methods;
}

/// <summary><c>sqlite3_io_methods</c>, version 3.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SqliteFileMethods
{
    public int Version;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int> Close;
    public delegate* unmanaged[Cdecl]<SqliteFile*, byte*, int, long, int> Read;
    public delegate* unmanaged[Cdecl]<SqliteFile*, byte*, int, long, int> Write;
    public delegate* unmanaged[Cdecl]<SqliteFile*, long, int> Truncate;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> Sync;
    public delegate* unmanaged[Cdecl]<SqliteFile*, long*, int> FileSize;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> Lock;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> Unlock;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int*, int> CheckReservedLock;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, void*, int> FileControl;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int> SectorSize;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int> DeviceCharacteristics;

    // Since version 2.
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int, int, void**, int> ShmMap;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int, int, int> ShmLock;
    public delegate* unmanaged[Cdecl]<SqliteFile*, void> ShmBarrier;
    public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> ShmUnmap;

    // Since version 3.
    public delegate* unmanaged[Cdecl]<SqliteFile*, long, int, void**, int> Fetch;
    public delegate* unmanaged[Cdecl]<SqliteFile*, long, void*, int> Unfetch;
}

/// <summary><c>sqlite3_vfs</c>, version 3: how SQLite reaches a file system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SqliteVfs
{
    public int Version;
    public int FileSize;
    public int MaxPathname;
    public SqliteVfs* Next;
    public byte* Name;
    public void* AppData;
    public delegate* unmanaged[Cdecl]<SqliteVfs*, byte*, SqliteFile*, int, int*, int> Open;
    public delegate* unmanaged[Cdecl]<SqliteVfs*, byte*, int, int> Delete;
    public void* Access;
    public void* FullPathname;
    public void* DlOpen;
    public void* DlError;
    public void* DlSym;
    public void* DlClose;
    public void* Randomness;
    public void* Sleep;
    public void* CurrentTime;
    public void* GetLastError;

    // Since version 2.
    public void* CurrentTimeInt64;

    // Since version 3.
    public void* SetSystemCall;
    public void* GetSystemCall;
    public void* NextSystemCall;
}
