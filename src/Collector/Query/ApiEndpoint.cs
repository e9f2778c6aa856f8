namespace Collector.Query;

/// <summary>
/// The frame of all endpoints: (1) it reads the parameters and answers a mistake in them; (2) it asks the question at a
/// gate; (3) it writes the answer, or why there is none, as JSON.
/// </summary>
internal static class ApiEndpoint
{
    /// <summary>An endpoint that asks the store.</summary>
    /// <param name="clock">Gives the time from which spans in the parameters count back.</param>
    /// <param name="read">Reads the parameters; mistakes are noted at the reader.</param>
    /// <param name="gate">Bounds how many ask at once, and for how long.</param>
    /// <param name="ask">Asks the store.</param>
    public static RequestDelegate Create<TQuery, TAnswer>(
        TimeProvider clock, Func<ParameterReader, TQuery> read, QueryGate gate, Func<TQuery, CancellationToken, TAnswer> ask) =>
        Create(clock, read, async (context, query) =>
        {
            TAnswer? answer = default;
            var problem = await gate.RunAsync(token => answer = ask(query, token), context);
            using var large = answer as ILargeAnswer;
            using var held = large is not null && problem is null ? gate.Hold(context, large.Bytes, out problem) : null;
            await (problem?.WriteAsync(context) ?? ApiJson.WriteAsync(context, answer!));
        });

    /// <summary>An endpoint that writes its answer itself.</summary>
    public static RequestDelegate Create<TQuery>(
        TimeProvider clock, Func<ParameterReader, TQuery> read, Func<HttpContext, TQuery, Task> answerAsync) => context =>
        {
            var parameters = new ParameterReader(context.Request, clock.GetUtcNow());
            var query = read(parameters);
            parameters.RejectUnknown();
            return parameters.Problem?.WriteAsync(context) ?? answerAsync(context, query);
        };

    /// <summary>An endpoint without parameters, whose answer is at hand.</summary>
    public static RequestDelegate Create<TAnswer>(Func<TAnswer> answer) =>
        WithoutParameters(context => ApiJson.WriteAsync(context, answer()));

    /// <summary>A parameter that nobody reads is a mistake here too.</summary>
    public static RequestDelegate WithoutParameters(RequestDelegate answerAsync) => context =>
    {
        var parameters = new ParameterReader(context.Request, default);
        parameters.RejectUnknown();
        return parameters.Problem?.WriteAsync(context) ?? answerAsync(context);
    };
}

/// <summary>An answer that may be of megabytes. It is disposed when it is written.</summary>
internal interface ILargeAnswer : IDisposable
{
    long Bytes { get; }
}
