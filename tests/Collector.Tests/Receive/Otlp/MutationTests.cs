using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;

namespace Collector.Tests.Receive.Otlp;

public sealed class MutationTests
{
    private const int Mutations = 20_000;

    [Fact]
    public void Decoder_and_transcoder_survive_whatever_bytes_a_capture_turns_into()
    {
        var random = new Random(4711);
        var fixtures = Fixture.Names.Select(Fixture.Load).Where(fixture => fixture.Message.Length < 12_000).ToArray();
        var malformed = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var fixture = fixtures[i % fixtures.Length];
            malformed += Survive(fixture, Mutate(fixture.Message, random)) ? 0 : 1;
        }

        // Else the mutations are not what they are meant to be.
        malformed.ShouldBeInRange(Mutations / 10, Mutations * 9 / 10);
    }

    private static bool Survive(Fixture fixture, byte[] message)
    {
        using var target = new ByteBuffer(Unbounded.Instance);
        TranscodeResult? transcoded = null;
        if (fixture.IsJson)
        {
            var result = OtlpJson.Transcode(fixture.Signal, message, target);
            if (result.Status != DecodeStatus.Ok)
            {
                result.Status.ShouldBe(DecodeStatus.Malformed);
                result.Offset.ShouldBeInRange(0, message.Length);
                return false;
            }

            transcoded = result;
            message = target.Written.ToArray();
        }

        var decoded = Decoded.Of(fixture.Signal, message, transcoded: transcoded);
        decoded.Result.Status.ShouldBeOneOf(fixture.IsJson
            ? [DecodeStatus.Ok] : new[] { DecodeStatus.Ok, DecodeStatus.Malformed });
        decoded.Result.Offset.ShouldBeInRange(0, message.Length);
        foreach (var row in decoded.Rows)
        {
            if (row.Context.Length > 0)
            {
                row.Json.ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Object);
            }
        }

        return decoded.Result.Status == DecodeStatus.Ok;
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        var mutated = new List<byte>(message);
        for (var changes = random.Next(1, 4); changes > 0 && mutated.Count > 0; changes--)
        {
            var place = random.Next(mutated.Count);
            switch (random.Next(5))
            {
                case 0: mutated[place] = (byte)random.Next(256); break;
                case 1: mutated[place] ^= (byte)(1 << random.Next(8)); break;
                case 2: mutated.RemoveRange(place, random.Next(Math.Min(8, mutated.Count - place))); break;
                case 3: mutated.Insert(place, (byte)random.Next(256)); break;
                default:
                    mutated.InsertRange(place, mutated.GetRange(place, Math.Min(16, mutated.Count - place)));
                    break;
            }
        }

        return [.. mutated];
    }
}
