namespace Collector.Receive.Request;

/// <summary>Tells a producer that its request was stored before: the retry was not needed, and did no harm.</summary>
internal static class DuplicateHeader
{
    public const string Name = "collector-duplicate";

    public static void Set(HttpResponse response, ReceiveResult result)
    {
        if (result.IsDuplicate)
        {
            response.Headers[Name] = "true";
        }
    }
}
