using Polly;
using Polly.Retry;

namespace GpuStack.Modeling.Sources;

/// <summary>
/// What all requests for one model share: the client, the options, the time that is left, and when to try again. Every failure leaves as
/// a sentence; a time-out is one of them, so that silence is never taken for an empty file.
/// </summary>
internal sealed class HttpSession
{
    private readonly HttpClient _client;
    private readonly ResiliencePipeline _retries;
    private readonly Lock _gate = new();
    private long? _started;

    public HttpSession(HttpClient client, HttpByteRangeOptions options)
    {
        _client = client;
        Options = options;
        _retries = options.Attempts <= 1 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.FirstPause,
                MaxDelay = options.LongestPause,
                ShouldHandle = arguments => ValueTask.FromResult(MayPass(arguments.Outcome.Exception)),
                DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as ByteRangeException)?.RetryAfter),
            })
            .Build();
    }

    public HttpByteRangeOptions Options { get; }

    /// <summary>Whether an exception is a failure of the exchange, and not the caller's own cancellation.</summary>
    public static bool Explains(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Does something again as long as its failure may pass.</summary>
    public ValueTask<T> RetryAsync<T>(Func<CancellationToken, ValueTask<T>> step, CancellationToken cancellationToken) =>
        _retries.ExecuteAsync(step, cancellationToken);

    /// <summary>The time limit of one step: an answer, or one read of a body.</summary>
    public HttpDeadline Deadline(CancellationToken cancellationToken)
    {
        TimeSpan left = Left();
        return new HttpDeadline(left < Options.Timeout ? Max(left, TimeSpan.Zero) : Options.Timeout, Options.TimeProvider, cancellationToken);
    }

    /// <summary>Sends a request; the answer's body is not read yet.</summary>
    public async ValueTask<HttpResponseMessage> SendAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using HttpDeadline deadline = Deadline(cancellationToken);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (Explains(exception, cancellationToken))
        {
            throw Failure(name, exception);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>The sentence for an exception that <see cref="Explains"/> knows.</summary>
    public ByteRangeException Failure(string name, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            TimeSpan limit = Left() <= TimeSpan.Zero ? Options.Deadline : Options.Timeout;
            return new($"{name}: no answer within {limit.TotalSeconds:0} s; check the network or try again.", exception) { IsTransient = true };
        }

        Exception innermost = exception;
        while (innermost.InnerException is { } inner)
        {
            innermost = inner;
        }

        return new($"{name}: cannot be reached: {innermost.Message.TrimEnd('.')}.", exception) { IsTransient = true };
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private bool MayPass(Exception? exception) =>
        exception is ByteRangeException { IsTransient: true } failure
        && !(failure.RetryAfter > Options.LongestPause)
        && Left() > (failure.RetryAfter ?? TimeSpan.Zero);

    private TimeSpan Left()
    {
        lock (_gate)
        {
            _started ??= Options.TimeProvider.GetTimestamp();
            return Options.Deadline - Options.TimeProvider.GetElapsedTime(_started.Value);
        }
    }
}
