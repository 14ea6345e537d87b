using System.Net;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Operator.Tests.Supervision.Servers;

/// <summary>What a llama-server answers on its port, with the figures of vLLM and SGLang beside its own. The process of the engine is another one: a script of the test.</summary>
internal sealed class FakeLlamaServer : IAsyncDisposable
{
    private LocalHttp _http = null!;

    public int Port => _http.Port;

    public volatile int Health = 200;

    public volatile int Processing;

    /// <summary>Each look finds one more decode.</summary>
    public bool Decoding { get; init; }

    /// <summary>Metrics are not answered at all.</summary>
    public volatile bool Silent;

    public string? ApiKey { get; init; }

    public volatile int Samples;

    /// <summary>Looks at its health.</summary>
    public volatile int Healths;

    private int _decodes;

    public static async Task<FakeLlamaServer> StartAsync(string? apiKey = null, bool decoding = false)
    {
        var server = new FakeLlamaServer { ApiKey = apiKey, Decoding = decoding };
        server._http = await LocalHttp.StartAsync(IPAddress.Loopback, 0, server.AnswerAsync);
        return server;
    }

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/health")
        {
            context.Response.StatusCode = Health;
            Interlocked.Increment(ref Healths);
            return;
        }
        if (Silent)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ApiKey is not null && context.Request.Headers.Authorization != $"Bearer {ApiKey}")
        {
            context.Response.StatusCode = 401;
            return;
        }
        if (Decoding)
            Interlocked.Increment(ref _decodes);
        Interlocked.Increment(ref Samples);
        await context.Response.WriteAsync(
            $$"""
            llamacpp:n_decode_total {{_decodes}}
            llamacpp:requests_processing {{Processing}}
            vllm:generation_tokens_total{engine="0",model_name="m"} {{_decodes}}
            vllm:num_requests_running{engine="0",model_name="m"} {{Processing}}
            sglang:generation_tokens_total{model_name="m"} {{_decodes}}
            sglang:num_running_reqs{model_name="m",tp_rank="0"} {{Processing}}

            """,
            context.RequestAborted);
    }
}
