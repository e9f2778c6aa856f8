using System.Diagnostics;
using System.Text;
using Collector.Model;
using Collector.Receive.Request;
using Collector.Tests.Support;
using Microsoft.Extensions.Primitives;
using Xunit.Abstractions;

namespace Collector.Tests.Receive.Request;

/// <summary>Every compression, by itself: what it takes, what it refuses, and what that costs.</summary>
public sealed class CodingsTests(ITestOutputHelper output)
{
    private const int Limit = 1 << 20;

    private static readonly byte[] _plain = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"record {i};")));

    public static TheoryData<string> Forms => [.. Compressed.Forms.Keys];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_is_inflated_to_what_it_was(string form)
    {
        var (result, message) = Inflate(Compressed.Forms[form], Compressed.As(form, _plain));

        result.ShouldBe(ReceiveResult.Ok);
        message.ShouldBe(_plain);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Nothing_is_a_message_of_nothing_with_or_without_a_frame_around_it(string form)
    {
        Inflate(Compressed.Forms[form], []).Message.ShouldBe([]);
        Inflate(Compressed.Forms[form], Compressed.As(form, [])).Message.ShouldBe([]);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_limit_is_a_messages_last_byte(string form)
    {
        Inflate(Compressed.Forms[form], Compressed.As(form, new byte[Limit])).Message!.Length.ShouldBe(Limit);
        Inflate(Compressed.Forms[form], Compressed.As(form, new byte[Limit + 1])).Result.Status.ShouldBe(ReceiveStatus.TooLarge);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Data_that_is_cut_short_anywhere_is_bad_data(string form)
    {
        var whole = Compressed.As(form, _plain);

        foreach (var length in new[] { 1, 2, 5, 9, 12, whole.Length / 3, whole.Length / 2, whole.Length - 5, whole.Length - 1 })
        {
            var result = Inflate(Compressed.Forms[form], whole[..length]).Result;
            result.Status.ShouldBe(ReceiveStatus.BadData, $"{length} of {whole.Length} bytes");
            result.Message.ShouldNotBeNull().ShouldContain(Name(form));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Garbage_is_bad_data_and_so_is_garbage_behind_good_data(string form)
    {
        var garbage = Enumerable.Repeat((byte)0xEE, 100).ToArray();

        Inflate(Compressed.Forms[form], garbage).Result.Status.ShouldBe(ReceiveStatus.BadData);
        Inflate(Compressed.Forms[form], [.. Compressed.As(form, _plain), .. garbage]).Result.Status.ShouldBe(ReceiveStatus.BadData);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    public void Several_members_in_a_row_are_one_message(string form)
    {
        var member = Compressed.As(form, "abc"u8);

        Inflate(form, [.. member, .. Compressed.As(form, []), .. member, .. member]).Message.ShouldBe("abcabcabc"u8.ToArray());
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Any_changed_byte_is_refused_or_gives_a_message_and_never_an_exception(string form)
    {
        var random = new Random(17);
        var good = Compressed.As(form, _plain.AsSpan(0, 3000));
        for (var i = 0; i < 2000; i++)
        {
            var changed = (byte[])good.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            changed[random.Next(Math.Min(changed.Length, 12))] ^= (byte)(1 << random.Next(8));

            var meter = new Meter();
            var (result, _) = Inflate(Compressed.Forms[form], changed, meter);

            result.Status.ShouldBeOneOf(ReceiveStatus.Ok, ReceiveStatus.BadData, ReceiveStatus.TooLarge);
            meter.Now.ShouldBe(0, "memory that is not given back");
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_bomb_takes_no_more_than_the_limit_and_the_librarys_window(string form)
    {
        var bomb = Compressed.Bomb(form, form == Compressed.SnappyBlock ? 256 << 20 : 1L << 30);
        var meter = new Meter();

        var watch = Stopwatch.StartNew();
        Inflate(Compressed.Forms[form], bomb, meter).Result.Status.ShouldBe(ReceiveStatus.TooLarge);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        meter.Most.ShouldBeLessThan(bomb.Length + (4L * Limit));
        meter.Now.ShouldBe(0);
    }

    [Theory]
    [InlineData("gzip", 1, ReceiveStatus.Ok)]
    [InlineData("zstd", 0, ReceiveStatus.Ok)]
    [InlineData("zstd", 1, ReceiveStatus.Ok)]
    [InlineData("snappy", 0, ReceiveStatus.Ok)]
    [InlineData("snappy", 1, ReceiveStatus.Ok)]
    [InlineData("lz4", 0, ReceiveStatus.BadData)]
    [InlineData("lz4", 1, ReceiveStatus.BadData)]
    internal void A_megabyte_of_members_of_nearly_nothing_costs_a_second_at_most(string form, int length, ReceiveStatus status)
    {
        var member = Compressed.As(form, new byte[length]);
        var many = Enumerable.Repeat(member, (1 << 20) / member.Length).SelectMany(static member => member).ToArray();

        var watch = Stopwatch.StartNew();
        Inflate(form, many).Result.Status.ShouldBe(status);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        output.WriteLine($"{form} {length}: {watch.Elapsed.TotalMilliseconds:0} ms");
    }

    [Fact]
    public void A_snappy_block_that_lies_about_its_length_costs_no_memory()
    {
        // 1 MiB, said by 103 bytes; and the longest length that there is.
        foreach (var begin in new byte[][] { [0x80, 0x80, 0x40], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x01] })
        {
            var meter = new Meter();
            Inflate("snappy", [.. begin, .. new byte[100]], meter).Result.Status.ShouldBe(ReceiveStatus.BadData);
            meter.Most.ShouldBeLessThan(4096);
        }
    }

    [Theory]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(25)]
    public void Zstd_takes_every_window_that_forwarders_ask_for(int windowLog) =>
        Inflate("zstd", Compressed.Zstd(_plain, windowLog)).Message.ShouldBe(_plain);

    [Theory]
    [InlineData(26)]
    [InlineData(27)]
    [InlineData(31)]
    public void Zstd_with_a_larger_window_is_refused_with_the_bound(int windowLog)
    {
        var meter = new Meter();

        var result = Inflate("zstd", Compressed.Zstd(_plain, windowLog), meter).Result;

        (result.Status, result.Message).ShouldBe(
            (ReceiveStatus.BadData, "the zstd data asks for a window of more than 32 MiB, which is the largest that is legal"));
        meter.Most.ShouldBeLessThan(1 << 20);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Without_free_memory_the_sender_is_told_to_come_again(string form)
    {
        var body = Compressed.As(form, _plain);

        var result = Inflate(Compressed.Forms[form], body, new Meter { Free = body.Length + 20_000 }).Result;

        result.Status.ShouldBe(ReceiveStatus.Overloaded);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("identity", "")]
    [InlineData(" Identity ,, identity", "")]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("X-GZip", "gzip")]
    [InlineData("ZSTD", "zstd")]
    [InlineData("zlib", "deflate")]
    [InlineData("gzip, zstd", "gzip zstd")]
    [InlineData("identity,gzip , identity", "gzip")]
    [InlineData("br", null)]
    [InlineData("gzip;q=1", null)]
    [InlineData("gzip, br", null)]
    [InlineData("gzip gzip", null)]
    [InlineData("gzip,gzip,gzip", null)]
    public void Content_encoding_is_a_list_of_names_without_regard_to_case(string header, string? names)
    {
        var isKnown = Codings.TryReadHttp(header, out var applied);

        isKnown.ShouldBe(names is not null);
        if (isKnown)
        {
            string.Join(' ', applied.Select(static coding => coding.Name)).ShouldBe(names);
        }
    }

    [Fact]
    public void Two_codings_are_undone_the_last_one_first_from_one_header_or_two()
    {
        var body = Compressed.As("zstd", Compressed.As("gzip", _plain));

        Inflate("gzip, zstd", body).Message.ShouldBe(_plain);
        Inflate(new StringValues(["gzip", "zstd"]), body).Message.ShouldBe(_plain);
        Inflate("zstd, gzip", body).Result.Status.ShouldBe(ReceiveStatus.BadData);
        Inflate("gzip, gzip", Compressed.As("gzip", Compressed.Bomb("gzip", 100 << 20))).Result.Status.ShouldBe(ReceiveStatus.TooLarge);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("zstd", true)]
    [InlineData("snappy", true)]
    [InlineData("deflate", true)]
    [InlineData("identity", true)]
    [InlineData("lz4", false)]
    [InlineData("br", false)]
    [InlineData("gzip,zstd", false)]
    public void A_grpc_encoding_is_one_name(string name, bool isKnown) => Codings.TryReadGrpc(name, out _).ShouldBe(isKnown);

    private static string Name(string form) => form switch
    {
        "x-gzip" => "gzip",
        "zlib" or Compressed.RawDeflate => "deflate",
        Compressed.SnappyBlock or "x-snappy-framed" => "snappy",
        _ => form,
    };

    private static (ReceiveResult Result, byte[]? Message) Inflate(StringValues encoding, byte[] body, Meter? meter = null)
    {
        meter ??= new Meter();
        Codings.TryReadHttp(encoding, out var applied).ShouldBeTrue();
        var compressed = new ByteBuffer(meter, body.Length);
        compressed.Append(body);
        var (result, message) = Codings.Inflate(applied, compressed, meter, Limit);
        using (message)
        {
            return (result, result.IsOk ? message.Written.ToArray() : null);
        }
    }

    private sealed class Meter : IByteAllowance
    {
        public long Free { get; init; } = long.MaxValue;

        public long Now { get; private set; }

        public long Most { get; private set; }

        public bool TryTake(long bytes)
        {
            if (Now + bytes > Free)
            {
                return false;
            }

            Now += bytes;
            Most = Math.Max(Most, Now);
            return true;
        }

        public void GiveBack(long bytes) => Now -= bytes;
    }
}
