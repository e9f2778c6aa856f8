using Collector.Tests.Support;

namespace Collector.Tests.Rules;

/// <summary>
/// Keeps the doors between the rooms shut: a type may mention only its own room, rooms above it, and the rooms and
/// packages that its room knows. Read from the compiled assembly, and from the <c>using</c> lines for what the compiler
/// leaves no trace of, such as constants.
/// </summary>
public sealed class RoomsTests
{
    private const string Logging = "Microsoft.Extensions.Logging";

    private static readonly string[] _aspNet =
        ["Microsoft.AspNetCore", "Microsoft.Net.Http.Headers", "Microsoft.Extensions.Primitives", "Microsoft.Extensions.DependencyInjection", Logging];

    private static readonly string[] _sqlite = ["Microsoft.Data.Sqlite", "SQLitePCL", Logging];

    /// <summary>
    /// Each room with the rooms it knows, which all stand further up in this list: arrows can form no circle.
    /// </summary>
    private static readonly (string Room, string[] Knows, string[] Packages)[] _rooms =
    [
        ("Model", [], []),
        ("Protobuf", ["Model"], []),
        ("Diagnostics", ["Model"], [Logging]),
        ("Limits", ["Diagnostics"], []),
        // Generated from schema/tail.proto.
        ("Tail/V1", [], ["Google.Protobuf"]),

        ("Storage", ["Model"], ["Microsoft.Win32.SafeHandles"]),
        ("Access", ["Storage"], [Logging, "Microsoft.Win32.SafeHandles"]),
        ("Storage/Sqlite/Driver", ["Model", "Storage"], _sqlite),
        ("Storage/Sqlite/Segments", ["Model", "Storage", "Storage/Sqlite/Driver"], _sqlite),
        ("Storage/Sqlite/Rollup", ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments"], _sqlite),
        ("Storage/Sqlite/TextIndex", ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments"], _sqlite),
        ("Storage/Sqlite/Search",
            ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments", "Storage/Sqlite/Rollup", "Storage/Sqlite/TextIndex"],
            _sqlite),
        ("Storage/Sqlite/Sealing",
            ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments", "Storage/Sqlite/Rollup", "Storage/Sqlite/TextIndex"],
            _sqlite),
        ("Storage/Sqlite/Retention",
            ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments", "Storage/Sqlite/Sealing"], _sqlite),
        ("Storage/Sqlite/Spool", ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments"], _sqlite),
        ("Storage/Sqlite/Salvage",
            ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments", "Storage/Sqlite/Sealing"],
            [.. _sqlite, "Microsoft.Win32.SafeHandles"]),
        ("Storage/Sqlite",
            [
                "Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments", "Storage/Sqlite/Rollup", "Storage/Sqlite/TextIndex",
                "Storage/Sqlite/Search", "Storage/Sqlite/Sealing", "Storage/Sqlite/Retention", "Storage/Sqlite/Salvage",
            ],
            _sqlite),
        ("Storage/Folder",
            ["Model", "Storage", "Storage/Sqlite/Driver", "Storage/Sqlite/Segments"], [.. _sqlite, "Microsoft.Win32.SafeHandles"]),

        ("Pipeline/Ledger", ["Model"], [Logging]),
        ("Pipeline/Streams", ["Model", "Pipeline/Ledger"], []),
        ("Pipeline/Queue", ["Model", "Pipeline/Ledger", "Pipeline/Streams"], [Logging]),
        ("Pipeline/Write",
            ["Model", "Diagnostics", "Storage", "Pipeline/Ledger", "Pipeline/Streams", "Pipeline/Queue"], [Logging, "Polly"]),
        ("Pipeline/Spool",
            ["Model", "Storage", "Pipeline/Ledger", "Pipeline/Streams", "Pipeline/Queue", "Pipeline/Write"],
            [Logging]),

        // The one table of answers holds the code of gRPC beside that of HTTP.
        ("Receive/Request",
            ["Model", "Diagnostics", "Protobuf", "Access", "Pipeline/Ledger", "Pipeline/Queue"],
            [.. _aspNet, "Grpc.Core", "K4os.Compression", "Snappier", "ZstdSharp"]),
        ("Receive/Grpc",
            ["Model", "Diagnostics", "Limits", "Access", "Pipeline/Ledger", "Pipeline/Queue", "Receive/Request"], [.. _aspNet, "Grpc", "Google.Protobuf"]),
        ("Receive/Http",
            ["Model", "Diagnostics", "Access", "Pipeline/Ledger", "Pipeline/Queue", "Receive/Request"], [.. _aspNet, "Grpc.Core", "Microsoft.Extensions.Options"]),
        ("Receive/Rows", ["Model", "Protobuf", "Receive/Request"], []),
        ("Receive/Otlp",
            [
                "Model", "Diagnostics", "Protobuf", "Pipeline/Ledger", "Pipeline/Queue", "Receive/Request", "Receive/Rows",
                "Receive/Grpc", "Receive/Http",
            ],
            []),
        ("Receive/Tail",
            ["Model", "Diagnostics", "Pipeline/Ledger", "Pipeline/Queue", "Receive/Request", "Receive/Rows", "Receive/Http"], []),
        ("Receive/TailStream",
            [
                "Model", "Diagnostics", "Protobuf", "Access", "Tail/V1", "Pipeline/Queue", "Pipeline/Streams", "Pipeline/Ledger",
                "Receive/Request", "Receive/Rows", "Receive/Grpc", "Receive/Tail",
            ],
            ["Google.Protobuf"]),

        ("Live", ["Model", "Diagnostics", "Storage"], [Logging]),
        ("Query", ["Model", "Diagnostics", "Limits", "Storage", "Live", "Pipeline/Ledger"], _aspNet),
        // The last two stand at the top: one makes all parts, the other starts them, asks a process that runs, or reads
        // its folder.
        ("Hosting", ["*"], ["*"]),
        ("Commands",
            [
                "Model", "Tail/V1", "Limits", "Access", "Hosting", "Query", "Storage", "Storage/Folder", "Storage/Sqlite", "Storage/Sqlite/Driver",
                "Storage/Sqlite/Segments", "Pipeline/Spool", "Receive/Request",
            ],
            [
                "System.CommandLine", "Microsoft.Extensions.Configuration", "Microsoft.Win32.SafeHandles", "Google.Protobuf",
                "OpenTelemetry", Logging,
            ]),
    ];

    [Fact]
    public void A_type_mentions_only_what_its_room_knows()
    {
        var wrong =
            from reference in AssemblyReferences.Of(typeof(Host).Assembly)
            let room = RoomOf(reference.From.Namespace)
            where room.Room is not null && !IsAllowed(room, reference.To.Namespace ?? "")
            select $"{room.Room}: {reference.From.Name} mentions {reference.To.FullName}";

        wrong.Distinct().Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void A_file_uses_only_what_its_room_knows()
    {
        var wrong =
            from file in Repository.Sources()
            let room = RoomOf("Collector." + (Path.GetDirectoryName(file.Path) ?? "").Replace('/', '.'))
            where room.Room is not null
            from used in UsedNamespaces(file.Lines)
            where !IsAllowed(room, used)
            select $"{file.Path} uses {used}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Rooms_know_only_rooms_above_them_in_the_table()
    {
        var places = _rooms.Select(static (room, place) => (room.Room, place)).ToDictionary();

        var wrong =
            from room in _rooms
            from known in room.Knows
            where known != "*" && (!places.TryGetValue(known, out var place) || place >= places[room.Room])
            select $"{room.Room} knows {known}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_is_a_room_and_its_files_bear_its_namespace()
    {
        var wrong =
            from file in Repository.Sources()
            let folder = Path.GetDirectoryName(file.Path)!
            where folder.Length > 0
            let expected = "Collector." + folder.Replace('/', '.')
            where RoomOf(expected).Room is null || !file.Lines.Contains($"namespace {expected};")
            select file.Path;

        wrong.ShouldBeEmpty();
    }

    private static (string Room, string[] Knows, string[] Packages) RoomOf(string? space) =>
        _rooms.OrderByDescending(static room => room.Room.Length).FirstOrDefault(room => IsWithin(space ?? "", SpaceOf(room.Room)));

    private static IEnumerable<string> UsedNamespaces(string[] lines) =>
        lines.Where(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';'))
            .Select(line => line["using ".Length..^1].Replace("static ", "", StringComparison.Ordinal))
            .Select(used => used.Contains('=', StringComparison.Ordinal) ? used.Split('=')[1].Trim() : used);

    private static bool IsAllowed((string Room, string[] Knows, string[] Packages) room, string used)
    {
        if (room.Knows.Contains("*") || IsOfTheFramework(used))
        {
            return true;
        }

        return IsWithin(used, "Collector")
            ? RoomOf(used).Room is { } other && (other == room.Room || room.Knows.Contains(other))
            : room.Packages.Any(package => IsWithin(used, package));
    }

    private static bool IsOfTheFramework(string used) =>
        used.Length == 0 || used == "Microsoft.CodeAnalysis" || (IsWithin(used, "System") && !IsWithin(used, "System.CommandLine"));

    private static string SpaceOf(string room) => "Collector." + room.Replace('/', '.');

    private static bool IsWithin(string space, string outer) =>
        space == outer || space.StartsWith(outer + ".", StringComparison.Ordinal);
}
