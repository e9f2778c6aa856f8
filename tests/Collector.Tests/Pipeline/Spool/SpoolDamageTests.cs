using System.Buffers.Binary;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Spool;

/// <summary>Bits that flip in the spool's files cost the request that they are in, and that is counted.</summary>
public sealed class SpoolDamageTests : IDisposable
{
    private const int FirstEntry = 8;
    private const int HeadLength = 8;

    private readonly TemporaryFolder _temporary = new();
    private readonly RuledStore _store = new(static _ => new AppendResult(AppendStatus.Transient, "database is locked"));

    private string Folder => _temporary.File("spool");

    [Theory]
    [InlineData(0, 0x04, "a little more: it reaches into the next")]
    [InlineData(1, 0x08, "more: it holds the whole next one")]
    [InlineData(2, 0x01, "more than the file has")]
    [InlineData(3, 0x80, "less than none")]
    public async Task A_damaged_length_costs_its_own_request_and_not_those_behind_it(int damaged, byte bit, string length)
    {
        await SpoolAsync(7, 13, 8, 9);
        Damage(bytes => bytes[OffsetOf(bytes, entry: 1) + damaged] ^= bit);

        await using var again = await ReplayAsync();

        string.Join(" ", _store.Taken).ShouldBe("7 8 9", length);
        again.Total.ShouldBe(Counts.Of(25, stored: 24, dropped: 1));
        again.Ledger.Read().Single(account => account.Counts.Dropped > 0).Reasons["spool_damaged"].ShouldBe(1);
        Directory.GetFiles(Path.Combine(Folder, "rejected")).Length.ShouldBe(2, "the entry and its reason");
    }

    [Fact]
    public async Task A_tail_that_is_torn_before_the_last_file_counts_as_dropped()
    {
        await SpoolAsync(7, 13, 8);
        await SpoolAsync(9);
        Damage(bytes => bytes.AsSpan(OffsetOf(bytes, entry: 2), 4).Fill(0xff));

        await using var again = await ReplayAsync();

        _store.Taken.ShouldBe([7, 13, 9]);
        again.Total.Dropped.ShouldBe(1);
        again.Ledger.Read().Single(account => account.Counts.Dropped > 0).Reasons["spool_damaged"].ShouldBe(1);
    }

    public void Dispose() => _temporary.Dispose();

    private async Task SpoolAsync(params int[] requests)
    {
        await using var pipes = new Pipes(_store, Folder);
        foreach (var rows in requests)
        {
            (await pipes.SendAsync(rows, rows)).Status.ShouldBe(IngestStatus.Spooled);
        }

        await pipes.HurryAsync();
        await pipes.Writer.Stopped;
    }

    private async Task<Pipes> ReplayAsync()
    {
        _store.Rule = static _ => AppendResult.Committed;
        var again = new Pipes(_store, Folder);
        await again.UntilAsync(total => total.Spooled == 0);
        return again;
    }

    private static int OffsetOf(byte[] file, int entry)
    {
        var offset = FirstEntry;
        for (; entry > 0; entry--)
        {
            offset += HeadLength + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(offset));
        }

        return offset;
    }

    private void Damage(Action<byte[]> change)
    {
        var file = Directory.GetFiles(Folder, "spool-*.bin").Min()!;
        var bytes = File.ReadAllBytes(file);
        change(bytes);
        File.WriteAllBytes(file, bytes);
    }
}
