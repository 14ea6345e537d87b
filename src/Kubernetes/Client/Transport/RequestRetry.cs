using GpuStack.Kubernetes.Logging;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>
/// Sends a request again when the server says when: 429 or 5xx with Retry-After. Anything else is the caller's to judge,
/// and so is an answer whose wait is too long to be spent here.
/// </summary>
internal sealed class RequestRetry
{
    private static readonly ResiliencePropertyKey<ApiRequest> Request = new("request");

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly Func<ApiRequest, CancellationToken, Task<HttpResponseMessage>> _send;
    private readonly TimeProvider _time;

    public RequestRetry(
        KubernetesClientOptions options, Func<ApiRequest, CancellationToken, Task<HttpResponseMessage>> send, TimeProvider time, ILogger logger)
    {
        _send = send;
        _time = time;
        if (options.MaxTries <= 1)
        {
            _pipeline = ResiliencePipeline<HttpResponseMessage>.Empty;
            return;
        }

        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.MaxTries - 1,
                MaxDelay = options.MaxRetryWait,
                ShouldHandle = args => new ValueTask<bool>(args.Outcome.Result is { } response
                    && RetryAfter.OfRetryable(response, time) is { } wait
                    && wait <= options.MaxRetryWait
                    && !(time.GetUtcNow() + wait >= args.Context.Properties.GetValue(Request, null!).Deadline)),
                DelayGenerator = args => new ValueTask<TimeSpan?>(RetryAfter.OfRetryable(args.Outcome.Result!, time)),
                OnRetry = args =>
                {
                    var request = args.Context.Properties.GetValue(Request, null!);
                    Log.RequestRetried(logger, request.Method.Method, request.Path, (int)args.Outcome.Result!.StatusCode, args.RetryDelay.TotalSeconds);
                    return default;
                },
            })
            .Build();
    }

    public async Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        // Nearly every answer is final: the pipeline sees only those that may not be.
        var first = await _send(request, cancellationToken).ConfigureAwait(false);
        return RetryAfter.OfRetryable(first, _time) is null ? first : await RetryAsync(new FirstTry(first), request, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> RetryAsync(FirstTry first, ApiRequest request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Request, request);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, state) =>
                    state.first.Take() ?? await state._send(state.request, context.CancellationToken).ConfigureAwait(false),
                context,
                (_send, first, request)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>The answer that was there before the pipeline was asked: its first try.</summary>
    private sealed class FirstTry(HttpResponseMessage answer)
    {
        private HttpResponseMessage? _answer = answer;

        public HttpResponseMessage? Take() => Interlocked.Exchange(ref _answer, null);
    }
}
