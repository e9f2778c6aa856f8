using System.Security.Cryptography;

namespace Collector.Storage.Folder;

/// <summary>SHA-256 of files, as they are read or copied.</summary>
internal static class FileHash
{
    private const int BufferBytes = 1 << 20;

    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static (long Bytes, string Sha256) Of(string path, CancellationToken cancellation)
    {
        using var file = OpenToRead(path);
        return Copy(file, null, cancellation);
    }

    /// <summary>Copies all of it, and says what was copied.</summary>
    /// <param name="source">Read from its place to its end.</param>
    /// <param name="target">Null: it is only read.</param>
    /// <param name="cancellation">Looked at once a megabyte.</param>
    /// <exception cref="UnreadableFileException">The source can't be read.</exception>
    /// <exception cref="IOException">The target can't be written.</exception>
    public static (long Bytes, string Sha256) Copy(FileStream source, Stream? target, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        long bytes = 0;
        while (Read(source, buffer) is > 0 and var read)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            target?.Write(buffer, 0, read);
            bytes += read;
        }

        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <exception cref="IOException">It can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static FileStream OpenToRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    private static int Read(FileStream source, byte[] buffer)
    {
        try
        {
            return source.Read(buffer);
        }
        catch (IOException e)
        {
            throw new UnreadableFileException($"{source.Name} can't be read: {e.Message}");
        }
    }
}

/// <summary>A file of the source can't be read; the others may be.</summary>
internal sealed class UnreadableFileException(string message) : IOException(message);
