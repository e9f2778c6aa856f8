using System.Text.Json.Serialization;

namespace Collector.Pipeline.Ledger;

/// <summary>The JSON of an account as it is kept with the data.</summary>
internal sealed record KeptAccount(
    long Stored, long Duplicate, long Rejected, long Refused, long Dropped, Dictionary<string, long> Reasons);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeptAccount))]
internal sealed partial class KeptAccountJson : JsonSerializerContext;
