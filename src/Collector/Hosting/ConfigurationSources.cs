using System.Collections;

namespace Collector.Hosting;

/// <summary>Where settings come from, in rising order: the file, the environment, the command line.</summary>
internal static class ConfigurationSources
{
    public const string Prefix = "COLLECTOR_";

    /// <summary>
    /// The file is <c>config/collector.json</c> below the working folder, or else <c>collector.json</c> beside the
    /// executable.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public static IConfiguration Load(string[] args)
    {
        var local = Path.GetFullPath(Path.Combine("config", "collector.json"));
        var file = File.Exists(local) ? local : Path.Combine(AppContext.BaseDirectory, "collector.json");
        return new ConfigurationBuilder()
            .AddJsonFile(file, optional: true, reloadOnChange: false)
            .AddInMemoryCollection(FromEnvironment(Environment.GetEnvironmentVariables()))
            .AddCommandLine(args)
            .Build();
    }

    /// <summary>
    /// <c>COLLECTOR_Section__Key</c>. What has no section is not a setting: for a service named "collector" Kubernetes sets
    /// COLLECTOR_PORT, COLLECTOR_SERVICE_HOST and more, which must not prevent a start.
    /// </summary>
    internal static IEnumerable<KeyValuePair<string, string?>> FromEnvironment(IDictionary variables) =>
        from DictionaryEntry variable in variables
        let name = (string)variable.Key
        where name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Contains("__", StringComparison.Ordinal)
        select KeyValuePair.Create(name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value);
}
