using Collector.Access;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Access;

public sealed class KeyRingTests : IDisposable
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(_noon);
    private readonly RecordingLogger _log = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_key_of_the_file_counts_within_a_second_of_its_change()
    {
        var ring = Ring();
        ring.Find("secret").ShouldBeNull();

        KeysFile.Write(_folder.Path, [SomeKeys.Entry("one", "secret", Rights.Read)]);
        ring.Find("secret").ShouldBeNull("the file was looked at a moment ago");
        _clock.Advance(TimeSpan.FromSeconds(1));
        ring.Find("secret").ShouldNotBeNull().Name.ShouldBe("one");

        KeysFile.Write(_folder.Path, []);
        _clock.Advance(TimeSpan.FromSeconds(1));
        ring.Find("secret").ShouldBeNull();
    }

    [Fact]
    public void A_key_in_a_file_of_its_own_can_be_replaced_while_it_is_used()
    {
        var secret = Path.Combine(_folder.Path, "secret.txt");
        File.WriteAllText(secret, "first\n");
        var ring = Ring(new KeyEntry { Name = "mounted", KeyFile = secret, Rights = Rights.Send });
        ring.Find("first").ShouldNotBeNull();

        // Of the same length, as mounted secrets are.
        File.WriteAllText(secret, "other\n");
        _clock.Advance(TimeSpan.FromSeconds(1));
        ring.Find("first").ShouldBeNull();
        ring.Find("other").ShouldNotBeNull();
    }

    [Fact]
    public void A_file_that_breaks_takes_no_key_away_and_is_said_once()
    {
        KeysFile.Write(_folder.Path, [SomeKeys.Entry("one", "secret", Rights.Read)]);
        var ring = Ring();
        File.WriteAllText(KeysFile.PathIn(_folder.Path), "{ \"keys\": [ { \"nam");
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            ring.Find("secret").ShouldNotBeNull();
        }

        _log.Errors.ShouldHaveSingleItem().ShouldContain("keys.json is no keys file");
    }

    [Theory]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"sha256\":\"00\",\"rights\":\"read\"}]}", "64 hexadecimal digits")]
    [InlineData("{\"keys\":[{\"name\":\"a b\",\"keyFile\":\"x\",\"rights\":\"read\"}]}", "letters, digits")]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"keyFile\":\"x\",\"rights\":\"write\"}]}", "send, read and admin")]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"keyFile\":\"x\"}]}", "Rights are missing")]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"keyFile\":\"x\",\"rights\":\"read\",\"expire\":\"2027-01-01\"}]}", "expire")]
    [InlineData("{\"keys\":[{\"name\":\"a\",\"rights\":\"read\"}]}", "one of Sha256 and KeyFile")]
    public void A_file_that_is_wrong_at_the_start_is_named_with_what_is_legal(string text, string legal)
    {
        File.WriteAllText(KeysFile.PathIn(_folder.Path), text);
        Should.Throw<InvalidDataException>(() => Ring()).Message.ShouldContain(legal);
    }

    [Fact]
    public void A_change_of_one_key_leaves_the_rate_and_the_uses_of_another_as_they_are()
    {
        var shop = SomeKeys.Entry("shop", "secret", Rights.Send) with { RowsPerSecond = 10 };
        KeysFile.Write(_folder.Path, [shop]);
        var ring = Ring();
        var key = ring.Find("secret").ShouldNotBeNull();
        key.Use.Add(_noon);
        key.Charge(rows: 1000, bytes: 1);

        KeysFile.Write(_folder.Path, [shop, SomeKeys.Entry("new", "other", Rights.Read)]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        ring.Find("secret").ShouldBeSameAs(key);

        KeysFile.Write(_folder.Path, [shop with { Services = ["shop"] }]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var changed = ring.Find("secret").ShouldNotBeNull();
        changed.ShouldNotBeSameAs(key);
        changed.Use.Count.ShouldBe(1);
    }

    [Fact]
    public void What_a_key_has_closed_stays_closed_when_the_key_is_gone()
    {
        KeysFile.Write(_folder.Path, [SomeKeys.Entry("one", "secret", Rights.Read)]);
        var ring = Ring();
        var reading = new AccessRule(ring, Rights.Read, isLocal: true, _clock);
        reading.IsOpen.ShouldBeFalse();
        new AccessRule(ring, Rights.Send, isLocal: true, _clock).IsOpen.ShouldBeTrue("no key has that right");

        File.Delete(KeysFile.PathIn(_folder.Path));
        _clock.Advance(TimeSpan.FromSeconds(1));
        ring.Keys.ShouldBeEmpty();
        reading.IsOpen.ShouldBeFalse();
        reading.Check("Bearer secret").Verdict.ShouldBe(AccessVerdict.Unauthenticated);
    }

    [Fact]
    public void Beyond_loopback_nothing_is_open_without_keys_either() =>
        new AccessRule(Ring(), Rights.Read, isLocal: false, _clock).Check(authorization: null).IsGranted.ShouldBeFalse();

    [Fact]
    public void A_key_ends_at_its_time()
    {
        var ring = Ring(SomeKeys.Entry("brief", "secret", Rights.Read) with { Expires = _noon.AddMinutes(1) });
        var reading = new AccessRule(ring, Rights.Read, isLocal: true, _clock);
        _clock.Advance(TimeSpan.FromSeconds(59));
        reading.Check("Bearer secret").IsGranted.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(1));
        reading.Check("Bearer secret").Why.ShouldNotBeNull().ShouldContain("expired at 2026-11-23T12:01:00Z");
        reading.IsOpen.ShouldBeFalse("a key that has expired closes as before");
    }

    [Theory]
    [InlineData("send", false, true)]
    [InlineData("read", true, false)]
    [InlineData("admin", true, false)]
    [InlineData("send,read", true, true)]
    public void Rights_open_what_they_say(string names, bool mayRead, bool maySend)
    {
        RightNames.TryParse(names, out var rights).ShouldBeTrue();
        var ring = Ring(SomeKeys.Entry("key", "secret", rights));
        new AccessRule(ring, Rights.Read, isLocal: false, _clock).Check("Bearer secret").IsGranted.ShouldBe(mayRead);
        new AccessRule(ring, Rights.Send, isLocal: false, _clock).Check("Bearer secret").IsGranted.ShouldBe(maySend);
    }

    [Fact]
    public void A_rate_is_kept_on_average_and_a_request_larger_than_a_second_passes()
    {
        var key = new AccessKey(SomeKeys.Entry("k", "s", Rights.Send) with { RowsPerSecond = 100 }, KeyHash.Of("s"), "here", _clock);
        key.HasRoom.ShouldBeTrue();
        key.Charge(rows: 300, bytes: 1);
        key.HasRoom.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(2));
        key.HasRoom.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        key.HasRoom.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromHours(1));
        key.Charge(rows: 101, bytes: 1);
        key.HasRoom.ShouldBeFalse("an hour of silence saves up no more than a second");
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("shop-eu", true)]
    [InlineData("Shop", false)]
    [InlineData("workshop", false)]
    [InlineData("", false)]
    public void A_key_speaks_for_the_services_of_its_globs(string service, bool may)
    {
        var entry = SomeKeys.Entry("k", "s", Rights.Send) with { Services = ["shop", "shop-*"] };
        new AccessKey(entry, KeyHash.Of("s"), "here", _clock).MaySpeakFor(System.Text.Encoding.UTF8.GetBytes(service)).ShouldBe(may);
    }

    private KeyRing Ring(params KeyEntry[] entries) => new(entries, [], _folder.Path, _clock, _log);
}
