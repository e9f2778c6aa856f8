using System.CommandLine;
using System.Net;

namespace Collector.Commands;

/// <summary>Which Collector a command talks to: <c>--url</c>, or the one that these settings start here.</summary>
internal static class ApiAddress
{
    public static Option<Uri?> Option(Command command)
    {
        var url = UrlOption("--url", "The API of the Collector to ask. Default: http:// and the setting Listen:Web.");
        command.Options.Add(url);
        return url;
    }

    public static Option<Uri?> UrlOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "URL",
        CustomParser = argument =>
        {
            var text = argument.Tokens.Single().Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https")
            {
                return parsed;
            }

            argument.AddError($"{name}: '{text}' is not legal; legal is http://HOST[:PORT] or https://HOST[:PORT].");
            return null;
        },
    };

    /// <exception cref="UsageException">The settings leave the port open.</exception>
    public static Uri Of(CommandContext context, Uri? given) => given ?? Local(context, context.Options.Listen.Web, "--url");

    /// <summary>Where this machine reaches what listens on an address.</summary>
    /// <exception cref="UsageException">The settings leave the port open.</exception>
    public static Uri Local(CommandContext context, IPEndPoint listening, string option)
    {
        if (listening.Port == 0)
        {
            throw new UsageException(
                $"{option} is needed: by the settings Collector picks a free port, and only its log says which.");
        }

        var address = listening.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : listening.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : listening.Address;
        var scheme = context.Options.Tls.Certificate.Length > 0 ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        return new Uri($"{scheme}://{new IPEndPoint(address, listening.Port)}");
    }
}
