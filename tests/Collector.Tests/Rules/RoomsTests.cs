using Collector.Tests.Support;

namespace Collector.Tests.Rules;

/// <summary>Keeps the doors between the rooms shut: a file may use only the rooms that its own room knows.</summary>
public sealed class RoomsTests
{
    /// <summary>Each room, the rooms it knows besides itself, and the packages that belong to it.</summary>
    private static readonly (string Room, string[] Knows, string[] Packages)[] _rooms =
    [
        ("Model", [], []),
        ("Diagnostics", ["Model"], []),
        ("Receive", ["Model", "Diagnostics", "Pipeline"], ["Microsoft.AspNetCore", "Microsoft.Extensions.Logging"]),
        ("Pipeline", ["Model", "Diagnostics", "Storage"], ["Microsoft.Extensions.Logging", "Microsoft.Win32.SafeHandles", "Polly"]),
        ("Storage", ["Model"], []),
        ("Storage/Sqlite", ["Model", "Storage"], ["SQLitePCL", "Microsoft.Extensions.Logging"]),
        ("Live", ["Model"], []),
        ("Query", ["Model", "Diagnostics", "Storage", "Live"], ["Microsoft.AspNetCore"]),
        // At the top: it starts Collector, asks one that runs, or reads its folder.
        ("Commands", ["Model", "Hosting", "Receive", "Query", "Storage", "Storage/Sqlite"], ["Microsoft.Win32.SafeHandles"]),
    ];

    [Fact]
    public void A_file_uses_only_the_rooms_that_its_room_knows()
    {
        var wrong =
            from file in Repository.Sources()
            let room = RoomOf(file.Path)
            where room.Room is not null
            from used in UsedNamespaces(file.Lines)
            where !IsAllowed(room, used)
            select $"{file.Path} uses {used}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_is_a_room_of_the_table_or_Hosting()
    {
        var unknown = Repository.Sources()
            .Where(file => file.Path.Contains('/', StringComparison.Ordinal) && RoomOf(file.Path).Room is null)
            .Where(file => !file.Path.StartsWith("Hosting/", StringComparison.Ordinal));

        unknown.Select(file => file.Path).ShouldBeEmpty();
    }

    private static (string Room, string[] Knows, string[] Packages) RoomOf(string path) =>
        _rooms.OrderByDescending(room => room.Room.Length)
            .FirstOrDefault(room => path.StartsWith(room.Room + "/", StringComparison.Ordinal));

    private static IEnumerable<string> UsedNamespaces(string[] lines) =>
        lines.Where(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';'))
            .Select(line => line["using ".Length..^1].Replace("static ", "", StringComparison.Ordinal))
            .Select(used => used.Contains('=', StringComparison.Ordinal) ? used.Split('=')[1].Trim() : used);

    private static bool IsAllowed((string Room, string[] Knows, string[] Packages) room, string used)
    {
        if (used == "System" || used.StartsWith("System.", StringComparison.Ordinal))
        {
            return true;
        }

        var allowed = room.Knows.Append(room.Room).Select(r => "Collector." + r.Replace('/', '.')).Concat(room.Packages);
        // Knowing Storage's contract is not knowing an engine.
        var engine = used.StartsWith("Collector.Storage.", StringComparison.Ordinal)
            && room.Room != "Storage/Sqlite" && !room.Knows.Contains("Storage/Sqlite");
        return !engine && allowed.Any(a => used == a || used.StartsWith(a + ".", StringComparison.Ordinal));
    }
}
