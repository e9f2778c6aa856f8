namespace Collector.Receive.Rows;

/// <summary>Whose values are stored as <c>REDACTED</c>. Names are compared without regard to case.</summary>
internal sealed class RedactOptions
{
    /// <summary>Headers with one of these names.</summary>
    public IReadOnlyList<string> Headers { get; set; } = ["cookie", "set-cookie", "authorization"];

    /// <summary>Headers whose name contains one of these.</summary>
    public IReadOnlyList<string> HeaderParts { get; set; } = ["auth", "key", "secret", "token", "jwt"];

    /// <summary>
    /// Attributes with a string value, where the part of the name behind the last dot is one of these, or ends as one that begins
    /// with a star does. "_" and "-" are as good as not there.
    /// </summary>
    public IReadOnlyList<string> Attributes { get; set; } =
    [
        "password", "passwd", "secret", "token", "access_token", "refresh_token", "id_token", "api_key", "apikey",
        "authorization", "cookie", "client_secret", "*_private_key", "*_password", "*_secret", "*_secret_access_key",
    ];

    /// <summary>Keys of URLs' queries, beside the names of attributes. Source: url.full of the OpenTelemetry conventions, and AWS.</summary>
    public IReadOnlyList<string> QueryKeys { get; set; } =
    [
        "AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "X-Amz-Signature", "X-Amz-Security-Token", "pwd",
    ];
}
