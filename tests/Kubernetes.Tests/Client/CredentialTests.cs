using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Client.Credentials;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>Tokens that rotate, and reading something once for many.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("credentials").FullName;
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string TokenFile => Path.Combine(_directory, "token");

    private IEnumerable<string> Sent => _server.Requests.Select(r => r.Headers["Authorization"]);

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Point15_ATokenFile_IsReadAgainAfterAMinute()
    {
        await File.WriteAllTextAsync(TokenFile, "one\n", Token);
        using var client = OfTokenFile();
        await GetAsync(client);
        await File.WriteAllTextAsync(TokenFile, "two\n", Token);
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);

        Assert.Equal(["Bearer one", "Bearer one", "Bearer two"], Sent);
    }

    [Fact]
    public async Task Point15_ATokenFileThatIsGoneForAMoment_LeavesTheLastTokenInForce()
    {
        await File.WriteAllTextAsync(TokenFile, "one", Token);
        using var client = OfTokenFile();
        await GetAsync(client);
        File.Delete(TokenFile);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);
        await File.WriteAllTextAsync(TokenFile, "two", Token);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await GetAsync(client);

        Assert.Equal(["Bearer one", "Bearer one", "Bearer two"], Sent);
    }

    [Fact]
    public async Task Point15_ARefusedToken_IsReadAgainAtOnce_AndTheRequestIsSentOnceMore()
    {
        await File.WriteAllTextAsync(TokenFile, "one", Token);
        _server.Answer = request => request.Headers["Authorization"] == "Bearer two"
            ? ScriptedAnswer.Ok(Json.ConfigMap("a", 7))
            : ScriptedAnswer.Failure(401, "Unauthorized", "Unauthorized");
        using var client = OfTokenFile();
        await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));
        // The file held the refused token still: nothing to send anew.
        Assert.Equal(["Bearer one"], Sent);
        await File.WriteAllTextAsync(TokenFile, "two", Token);
        _clock.Advance(TimeSpan.FromSeconds(10));

        await client.CreateAsync(new V1ConfigMap { Metadata = { Name = "a", Namespace = "default" } }, Token);

        Assert.Equal(["Bearer one", "Bearer one", "Bearer two"], Sent);
        Assert.All(_server.Requests.Skip(1), r => Assert.Equal("a", r.Json["metadata"]!["name"]!.ToString()));
    }

    [Fact]
    public async Task Point15_AWatchThatIsRefused_IsOpenedWithTheNewToken()
    {
        await File.WriteAllTextAsync(TokenFile, "one", Token);
        _server.RefuseWatch = request => request.Headers["Authorization"] == "Bearer two" ? null : ScriptedAnswer.Failure(401, "Unauthorized", "Unauthorized");
        using var client = OfTokenFile();
        await GetAsync(client);
        await File.WriteAllTextAsync(TokenFile, "two", Token);
        await using var events = client.WatchAsync<V1ConfigMap>(cancellationToken: Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();
        var session = await _server.WatchAsync();
        session.Complete();

        Assert.False(await next);
    }

    [Fact]
    public async Task AFixedToken_IsNotTriedTwice()
    {
        _server.Answer = _ => ScriptedAnswer.Failure(401, "Unauthorized", "Unauthorized");
        using var client = _server.CreateClient(_clock, new KubernetesClientConfiguration { Server = _server.Url, BearerToken = "canary-token" });

        var error = await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));

        Assert.Equal(["Bearer canary-token"], Sent);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData(" \n", "is empty")]
    [InlineData("canary one\ncanary two", "cannot be used: it is no token")]
    public async Task ATokenFileWithoutAToken_IsAnErrorThatNamesIt(string? content, string expected)
    {
        if (content is not null) await File.WriteAllTextAsync(TokenFile, content, Token);
        using var client = OfTokenFile();

        var error = await Assert.ThrowsAsync<KubernetesCredentialException>(() => GetAsync(client));

        Assert.Contains($"{TokenFile} {expected}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task ATokenThatNoHeaderCanCarry_IsRefusedWithoutBeingShown()
    {
        var configuration = new KubernetesClientConfiguration { Server = _server.Url, BearerToken = "canary\r\nX: y" };

        var error = Assert.Throws<KubernetesCredentialException>(() => _server.CreateClient(_clock, configuration));

        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Point15_HoweverManyAsk_TheReadingIsOne()
    {
        var reads = 0;
        var release = new TaskCompletionSource();
        using var value = new SingleFlight<string>(
            async (_, _) =>
            {
                Interlocked.Increment(ref reads);
                await release.Task;
                return new Fresh<string>("v", _clock.GetUtcNow() + TimeSpan.FromMinutes(1), null);
            },
            _clock);
        var asked = Enumerable.Range(0, 50).Select(_ => value.GetAsync(Token).AsTask()).ToList();
        release.SetResult();

        Assert.All(await Task.WhenAll(asked), v => Assert.Equal("v", v));
        Assert.Equal(1, reads);
    }

    [Fact]
    public async Task OneWhoStopsWaiting_LeavesTheReadingToTheOthers_TheLastOneEndsIt()
    {
        var stopped = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        using var value = new SingleFlight<string>(
            async (_, stop) =>
            {
                try
                {
                    await release.Task.WaitAsync(stop);
                }
                catch (OperationCanceledException)
                {
                    stopped.TrySetResult();
                    throw;
                }

                return new Fresh<string>("v", null, null);
            },
            _clock);
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var one = value.GetAsync(first.Token).AsTask();
        var two = value.GetAsync(second.Token).AsTask();
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(stopped.Task.IsCompleted);

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);

        release.SetResult();
        Assert.Equal("v", await value.GetAsync(Token));
    }

    [Fact]
    public async Task AFailure_IsEverybodys_AndTheNextWhoAsksTriesAgain()
    {
        var reads = 0;
        using var value = new SingleFlight<string>(
            (_, _) => ++reads == 1 ? throw new InvalidOperationException("first") : Task.FromResult(new Fresh<string>("v", null, null)), _clock);

        await Assert.ThrowsAsync<InvalidOperationException>(() => value.GetAsync(Token).AsTask());
        Assert.Equal("v", await value.GetAsync(Token));
        Assert.Equal("v", await value.GetAsync(Token));
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task AValueThatIsNotUsableAnyMore_DoesNotServeOn()
    {
        var reads = 0;
        var failures = 0;
        using var value = new SingleFlight<string>(
            (_, _) => ++reads == 1
                ? Task.FromResult(new Fresh<string>("v", _clock.GetUtcNow() + TimeSpan.FromMinutes(4), _clock.GetUtcNow() + TimeSpan.FromMinutes(5)))
                : throw new InvalidOperationException("gone"),
            _clock,
            _ => failures++);
        await value.GetAsync(Token);
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("v", await value.GetAsync(Token));
        // Not tried again for each request.
        Assert.Equal("v", await value.GetAsync(Token));
        Assert.Equal((2, 1), (reads, failures));
        _clock.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<InvalidOperationException>(() => value.GetAsync(Token).AsTask());
    }

    private static Task<V1ConfigMap?> GetAsync(KubernetesClient client) => client.GetAsync<V1ConfigMap>("a", "default", Token);

    private KubernetesClient OfTokenFile() => _server.CreateClient(_clock, new KubernetesClientConfiguration { Server = _server.Url, BearerTokenFile = TokenFile });
}
