namespace Collector.Query;

/// <summary>Endpoints that take no parameter: one that is given is a mistake there too.</summary>
internal static class Parameterless
{
    public static RequestDelegate Only(RequestDelegate handler) => context =>
    {
        var read = new ParameterReader(context.Request.Query, default);
        read.RejectUnknown();
        return read.Problem?.WriteAsync(context) ?? handler(context);
    };
}
