using System.Globalization;
using GpuStack.Modeling.Sources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Modeling.Tests.Sources;

public sealed class HttpRetryTests : IDisposable
{
    private readonly HttpClient _client = new(HttpByteRangeSource.CreateHandler());
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_failure_that_passes_is_not_noticed(int status)
    {
        int failures = 2;
        await using WebServer server = await WebServer.StartAsync(context => failures-- > 0 ? Status(context, status) : WebServer.File([1, 2, 3])(context));

        Assert.Equal(3, await ReadAsync(server, Patient()));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_asked_for_again()
    {
        bool broken = true;
        await using WebServer server = await WebServer.StartAsync(async context =>
        {
            if (!broken)
            {
                await WebServer.File([1, 2, 3])(context);
                return;
            }

            broken = false;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = "bytes 0-2/3";
            context.Response.Headers.ContentLength = 3;
            await context.Response.Body.WriteAsync(new byte[] { 1 }, Token);
            await context.Response.Body.FlushAsync(Token);
            context.Abort();
        });

        Assert.Equal(3, await ReadAsync(server, Patient()));
    }

    [Fact]
    public async Task After_the_last_attempt_the_failure_is_reported()
    {
        await using WebServer server = await WebServer.StartAsync(context => Status(context, 503));

        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => ReadAsync(server, Patient()));

        Assert.Contains("the server failed (503)", exception.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_refusal_is_final(int status)
    {
        await using WebServer server = await WebServer.StartAsync(context => Status(context, status));

        await Assert.ThrowsAsync<ByteRangeException>(() => ReadAsync(server, Patient()));

        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_says_when_to_come_back_is_not_asked_sooner(bool asDate)
    {
        var asked = new List<DateTimeOffset>();
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            asked.Add(_time.GetUtcNow());
            if (asked.Count > 1)
            {
                return WebServer.File([1])(context);
            }

            context.Response.Headers.RetryAfter = asDate ? _time.GetUtcNow().AddSeconds(9).ToString("R", CultureInfo.InvariantCulture) : "9";
            return Status(context, 429);
        });

        await ReadAsync(server, Patient());

        // A date has no fractions of a second.
        Assert.True(asked[1] - asked[0] >= TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_server_that_wants_a_long_wait_is_not_waited_for()
    {
        await using WebServer server = await WebServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return Status(context, 429);
        });

        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => ReadAsync(server, Patient()));

        Assert.Contains("try again in 3600 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(1), exception.RetryAfter);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Silence_ends_an_attempt_and_the_deadline_ends_them_all()
    {
        using var asked = new SemaphoreSlim(0);
        await using WebServer server = await WebServer.StartAsync(async context =>
        {
            asked.Release();
            var aborted = new TaskCompletionSource();
            await using (context.RequestAborted.Register(aborted.SetResult))
            {
                await aborted.Task;
            }
        });
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model"), new()
        {
            TimeProvider = _time,
            Attempts = 10,
            FirstPause = TimeSpan.Zero,
            Timeout = TimeSpan.FromSeconds(30),
            Deadline = TimeSpan.FromSeconds(45),
        });
        Task<int> read = source.ReadAsync(0, new byte[1], Token).AsTask();

        await asked.WaitAsync(Token);
        _time.Advance(TimeSpan.FromSeconds(30));
        await asked.WaitAsync(Token);
        Assert.False(read.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(15));

        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => read);
        Assert.Contains("no answer within 45 s", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Three attempts, and no limit that the time that runs ahead in these tests would reach.</summary>
    private HttpByteRangeOptions Patient() => new() { TimeProvider = _time, Timeout = TimeSpan.FromDays(9), Deadline = TimeSpan.FromDays(9) };

    /// <summary>Reads while the time runs ahead, so that no pause is waited for.</summary>
    private async Task<int> ReadAsync(WebServer server, HttpByteRangeOptions options)
    {
        await using var source = new HttpByteRangeSource(_client, new Uri(server.Address, "model"), options);
        Task<int> read = source.ReadAsync(0, new byte[3], Token).AsTask();
        while (!read.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        return await read;
    }
}
