using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Receive;

/// <summary>Real requests, damaged at random (by seed), through the whole way from face to store.</summary>
public sealed class MutationTests
{
    private const int Cases = 20_000;
    private const int Internal = 13;

    [Fact]
    public async Task Damaged_requests_are_stored_whole_or_refused_whole_and_never_an_internal_error()
    {
        var store = new RuledStore(_ => AppendResult.Committed);
        await using var faces = new TestEndpoints(store);
        var requests = Fixtures.Names().Select(Fixtures.Read).ToArray();
        for (var seed = 0; seed < Cases; seed++)
        {
            var request = requests[seed % requests.Length];
            var random = new Random(seed);
            var body = Damage((byte[])request.Body.Clone(), random, request.IsGrpc ? 5 : 0);
            var before = faces.Total;

            var isOk = await SendAsync(faces, request, body, seed);

            var after = faces.Total;
            var stored = after.Stored - before.Stored;
            after.InFlight.ShouldBe(0, $"seed {seed}");
            stored.ShouldBe(isOk ? after.Received - before.Received : 0, $"seed {seed}");
        }

        faces.Total.Stored.ShouldBe(store.Taken.Sum());
        faces.Total.Stored.ShouldBeGreaterThan(0);
        faces.Total.Rejected.ShouldBeGreaterThan(0);
    }

    private static async Task<bool> SendAsync(TestEndpoints faces, CapturedRequest request, byte[] body, int seed)
    {
        if (request.IsGrpc)
        {
            var status = await faces.GrpcAsync(request.Path, body, isGzip: request.Body[0] == 1);
            status.ShouldNotBe(Internal, $"seed {seed}");
            return status == 0;
        }

        var http = await faces.HttpAsync(request.Path, body, request.ContentType, request.Encoding);
        http.ShouldBeLessThan(500, $"seed {seed}");
        return http == 200;
    }

    // One to four wounds: bytes changed, cut out, doubled, or the end cut off. The frame's prefix mostly stays whole,
    // or nothing behind it would ever be reached.
    private static byte[] Damage(byte[] body, Random random, int prefix)
    {
        for (var wounds = random.Next(1, 5); wounds > 0 && body.Length > 0; wounds--)
        {
            var at = random.Next(random.Next(20) == 0 ? 0 : Math.Min(prefix, body.Length - 1), body.Length);
            var length = Math.Min(random.Next(1, 16), body.Length - at);
            body = random.Next(8) switch
            {
                0 => [.. body[..at], .. body[(at + length)..]],
                1 => [.. body[..(at + length)], .. body[at..]],
                2 when random.Next(4) == 0 => body[..Math.Max(at, 1)],
                3 => Set(body, at, (byte)(body[at] ^ (1 << random.Next(8)))),
                _ => Set(body, at, (byte)random.Next(256)),
            };
        }

        if (prefix > 0 && body.Length > prefix && random.Next(20) != 0)
        {
            // The length tells the truth again, so that the decoder sees the wounds and not only the frame's check.
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - prefix);
        }

        return body;
    }

    private static byte[] Set(byte[] body, int at, byte value)
    {
        body[at] = value;
        return body;
    }
}
