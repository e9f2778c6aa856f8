using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Collector.Tests.Faults.Disk;

/// <summary>That the instrument breaks what it says it breaks, and nothing else.</summary>
public sealed class UnreliableDiskTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly UnreliableDisk _disk;

    public UnreliableDiskTests()
    {
        Directory.CreateDirectory(Before);
        _disk = new UnreliableDisk(Before, After, seed: 1);
    }

    private string Before => _temporary.File("before");

    private string After => _temporary.File("after");

    [LongFact]
    public void Files_work_as_ever_where_nothing_is_planned()
    {
        using (var connection = OpenWith(100))
        {
            Count(connection).ShouldBe(100);
        }

        using var again = Connections.OpenReader(Path.Combine(Before, "a.db"));
        Count(again).ShouldBe(100);
        _disk.Operations.Keys.ShouldContain((DiskOperation.Sync, "a.db-wal"));
        _disk.Errors.ShouldBeEmpty();
    }

    [LongTheory]
    [InlineData(0, "a.db-wal", 1, SqliteCode.CantOpen)]
    [InlineData(2, "*-wal", 10, SqliteCode.IoErrorWrite)]
    [InlineData(3, "a.*", 10, SqliteCode.IoErrorSync)]
    [InlineData(6, "a.db-shm", 10, SqliteCode.IoErrorMap)]
    public void A_fault_meets_its_operation(int operation, string files, int primary, int code)
    {
        _ = primary;
        var fault = new Fault((DiskOperation)operation, files, FaultAction.Fail) { Times = Fault.ForEver };
        _disk.Faults = [fault];

        Should.Throw<SqliteException>(() => OpenWith(10).Dispose()).SqliteExtendedErrorCode.ShouldBe(code);
        fault.Fired.ShouldBeGreaterThan(0);
    }

    [LongFact]
    public void A_chosen_code_comes_back_for_the_nth_operation_and_no_other()
    {
        using var connection = OpenWith(1);
        _disk.Faults = [new Fault(DiskOperation.Write, "*-wal", FaultAction.Tear) { After = 1, Code = SqliteCode.Full }];

        Should.Throw<SqliteException>(() => Insert(connection)).SqliteErrorCode.ShouldBe(SqliteCode.Full);

        Insert(connection);
        Count(connection).ShouldBe(2);
    }

    [LongFact]
    public void A_kill_leaves_what_was_committed_and_ends_all_writing()
    {
        using var connection = OpenWith(100);

        _disk.Crash(losesPower: false);

        Should.Throw<SqliteException>(() => Insert(connection));
        Found().ShouldBe(100);
    }

    [LongFact]
    public void A_loss_of_power_leaves_what_was_synced()
    {
        using var connection = OpenWith(100);

        _disk.Crash(losesPower: true);

        Found().ShouldBe(100);
    }

    [LongFact]
    public void A_loss_of_power_takes_what_was_not_synced()
    {
        var found = Enumerable.Range(0, 20).Select(seed =>
        {
            var (before, after) = (_temporary.File($"b{seed}"), _temporary.File($"a{seed}"));
            Directory.CreateDirectory(before);
            using var disk = new UnreliableDisk(before, after, seed);
            using var connection = OpenWith(100, "PRAGMA synchronous = OFF", before);
            disk.Crash(losesPower: true);
            disk.Errors.ShouldBeEmpty();
            return Found(after);
        }).ToList();

        found.ShouldContain(static rows => rows < 100, "else nothing is ever lost, and the instrument shows nothing");
    }

    [LongFact]
    public void What_a_failed_sync_should_have_saved_is_lost_though_a_later_sync_works()
    {
        using var connection = OpenWith(10);
        _disk.Faults = [new Fault(DiskOperation.Sync, "*-wal", FaultAction.Fail)];
        // The frames stand in the file; a program that took the error for nothing would sync again and be told that all is well.
        Should.Throw<SqliteException>(() => Insert(connection)).SqliteExtendedErrorCode.ShouldBe(SqliteCode.IoErrorSync);
        _disk.Faults = [];
        var history = new FileHistory();
        history.Written(0, [], [1, 2, 3], 0);
        history.SyncFailed();
        history.Synced();

        history.AfterPowerLoss([1, 2, 3], new Random(1), survival: 1).ShouldBeEmpty();
    }

    [LongFact]
    public void What_is_written_again_and_synced_is_saved_though_an_earlier_sync_failed()
    {
        var history = new FileHistory();
        history.Written(0, [], [1, 2, 3], 0);
        history.SyncFailed();
        history.Written(0, [1, 2, 3], [4, 5, 6], 3);
        history.Synced();

        history.AfterPowerLoss([4, 5, 6], new Random(1), survival: 0).ShouldBe([4, 5, 6]);
    }

    [LongFact]
    public void A_kill_within_a_write_leaves_a_part_of_it()
    {
        using var connection = OpenWith(100);
        _disk.Faults = [new Fault(DiskOperation.Write, "*-wal", FaultAction.KillWithin) { After = 1 }];

        Should.Throw<SqliteException>(() => Insert(connection));

        _disk.IsDead.ShouldBeTrue();
        Found().ShouldBe(100);
    }

    public void Dispose()
    {
        _disk.Dispose();
        _temporary.Dispose();
    }

    private SqliteConnection OpenWith(int rows, string pragma = "PRAGMA synchronous = FULL", string? folder = null)
    {
        var connection = Connections.OpenWriter(Path.Combine(folder ?? Before, "a.db"));
        try
        {
            connection.Execute(pragma);
            connection.Execute("CREATE TABLE t (n INTEGER PRIMARY KEY, filler TEXT)");
            for (var i = 0; i < rows; i++)
            {
                Insert(connection);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Insert(SqliteConnection connection) => connection.Execute("INSERT INTO t (filler) VALUES (hex(zeroblob(2000)))");

    private static long Count(SqliteConnection connection)
    {
        using var count = connection.Prepare("SELECT count(*) FROM t");
        count.ReadFirst();
        return count.Integer(0);
    }

    private long Found(string? folder = null)
    {
        var file = Path.Combine(folder ?? After, "a.db");
        if (!File.Exists(file))
        {
            return 0;
        }

        try
        {
            using var connection = Connections.OpenExistingWriter(file);
            return Count(connection);
        }
        catch (SqliteException)
        {
            return 0;
        }
    }
}
