using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Client.Credentials;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Client;

/// <summary>Credential plugins: shell scripts beside the kubeconfig.</summary>
public sealed class ExecPluginTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly TestCertificates _certificates = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("plugin").FullName;
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Runs => File.Exists(Beside("runs")) ? File.ReadAllLines(Beside("runs")).Length : 0;

    private IEnumerable<string> Sent => _server.Requests.Select(r => r.Headers.GetValueOrDefault("Authorization", "nothing"));

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(new TlsListener(_certificates.CreateServer()).Configure);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificates.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Point15_APluginsToken_IsRenewedShortlyBeforeItExpires()
    {
        Answer("one", _clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        using var client = Client();
        await GetAsync(client);
        Answer("two", _clock.GetUtcNow() + TimeSpan.FromMinutes(20));
        _clock.Advance(TimeSpan.FromMinutes(8));
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(client);

        Assert.Equal(["Bearer one", "Bearer one", "Bearer two"], Sent);
        Assert.Equal(2, Runs);
    }

    [Fact]
    public async Task Point15_AFailingRenewal_LeavesTheTokenInForceUntilItExpires()
    {
        Answer("one", _clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        using var client = Client();
        await GetAsync(client);
        Script("exit 3");
        _clock.Advance(TimeSpan.FromMinutes(9));
        await GetAsync(client);
        Assert.Equal(["Bearer one", "Bearer one"], Sent);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<KubernetesCredentialException>(() => GetAsync(client));
    }

    [Fact]
    public async Task Point15_ManyRequestsAtOnce_RunThePluginOnce()
    {
        Answer("one", null);
        using var client = Client();

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => GetAsync(client)));

        Assert.Equal(1, Runs);
        Assert.Equal(30, Sent.Count(s => s == "Bearer one"));
    }

    [Fact]
    public async Task Point15_ARefusedToken_RunsThePluginAnew_ButNotForEveryAnswer()
    {
        _server.Answer = request => request.Headers["Authorization"] == "Bearer two" ? ScriptedAnswer.NotFound("a") : ScriptedAnswer.Failure(401, "Unauthorized", "Unauthorized");
        Answer("one", null);
        using var client = Client();
        await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));
        await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));
        Assert.Equal(2, Runs);
        Answer("two", null);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await GetAsync(client);

        Assert.Equal(["Bearer one", "Bearer one", "Bearer one", "Bearer two"], Sent);
    }

    [Fact]
    public async Task Point15_APluginsCertificate_IsUsedForNewConnections()
    {
        AnswerPair("one", _clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        using var client = Client();
        await GetAsync(client);
        AnswerPair("two", _clock.GetUtcNow() + TimeSpan.FromMinutes(20));
        _clock.Advance(TimeSpan.FromMinutes(9));
        await GetAsync(client);

        Assert.Equal(["CN=one", "CN=two"], _server.Requests.Select(r => r.ClientCertificate));
        Assert.Equal(["nothing", "nothing"], Sent);
    }

    [Fact]
    public async Task ThePlugin_IsToldAboutTheCluster_AndHasItsArgumentsAndEnvironment()
    {
        Script($"""
            printf '%s' "$KUBERNETES_EXEC_INFO" >{Beside("info")}
            printf '%s,%s,%s' "$1" "$2" "$CUSTOM" >{Beside("arguments")}
            {Print("one", null)}
            """);
        using var client = Client("args: [get, 'a b'], env: [{name: CUSTOM, value: c d}], provideClusterInfo: true, ");
        await GetAsync(client);

        Assert.Equal("get,a b,c d", await File.ReadAllTextAsync(Beside("arguments"), Token));
        var info = JsonNode.Parse(await File.ReadAllTextAsync(Beside("info"), Token))!;
        Assert.Equal(("ExecCredential", "client.authentication.k8s.io/v1"), (info["kind"]!.ToString(), info["apiVersion"]!.ToString()));
        Assert.False((bool)info["spec"]!["interactive"]!);
        var cluster = info["spec"]!["cluster"]!;
        Assert.Equal(_server.Url.GetLeftPart(UriPartial.Authority), cluster["server"]!.ToString());
        Assert.Equal(_certificates.AuthorityPem, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(cluster["certificate-authority-data"]!.ToString())));
        Assert.Equal("people", cluster["config"]!["audience"]!.ToString());
    }

    [Fact]
    public async Task WithoutProvideClusterInfo_ThePluginIsNotTold()
    {
        Script($"""
            printf '%s' "$KUBERNETES_EXEC_INFO" >{Beside("info")}
            {Print("one", null)}
            """);
        using var client = Client();
        await GetAsync(client);

        Assert.Null(JsonNode.Parse(await File.ReadAllTextAsync(Beside("info"), Token))!["spec"]!["cluster"]);
    }

    [Theory]
    [InlineData("echo canary; echo first >&2; echo 'no such user.' >&2; exit 7", "failed with exit code 7: no such user.")]
    [InlineData("exit 1", "failed with exit code 1.")]
    [InlineData("echo canary", "did not print JSON.")]
    [InlineData("echo '[\"canary\"]'", "did not print an ExecCredential.")]
    [InlineData("echo '{\"kind\":\"Secret\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}'", "did not print an ExecCredential.")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}'", "printed another apiVersion than client.authentication.k8s.io/v1, which")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}'", "printed no status.")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "printed neither a token nor a certificate.")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":5}}'", "printed a token that is no text.")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"canary canary\"}}'", "it is no token")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientKeyData\":\"canary\"}}'", "printed a certificate or a key, but not both.")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientKeyData\":\"canary\",\"clientCertificateData\":\"x\"}}'", "are no matching PEM pair.")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"canary\",\"expirationTimestamp\":\"soon\"}}'", "expirationTimestamp that is no time.")]
    [InlineData("head -c 2000000 /dev/zero", "printed more than 1048576 bytes.")]
    public async Task APluginThatFails_IsOneSentenceWithoutItsOutput_AndIsTriedAnewByTheNextRequest(string script, string expected)
    {
        Script(script);
        using var client = Client();

        var error = await Assert.ThrowsAsync<KubernetesCredentialException>(() => GetAsync(client));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{Beside("config")}: users[u].user.exec: the credential plugin {Beside("plugin")} ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(1, Runs);
        Answer("one", null);
        await GetAsync(client);
        Assert.Equal(2, Runs);
    }

    [Fact]
    public async Task TheLastLineOfAPluginsErrors_IsCut()
    {
        Script("head -c 100000 /dev/zero | tr '\\0' 'x' >&2; exit 1");
        using var client = Client();

        var error = await Assert.ThrowsAsync<KubernetesCredentialException>(() => GetAsync(client));

        Assert.Contains(new string('x', 200) + "…", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 500);
    }

    [Fact]
    public async Task APluginThatHangs_IsKilledAfterAMinute()
    {
        Script($"echo $$ >{Beside("pid")}; exec sleep 1000");
        using var client = Client();
        // A request has its own minute; the plugin's began later.
        var get = new ExecCredentialReader(Plugin(), _clock).ReadAsync(Token);
        await PluginStartedAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));

        var error = await Assert.ThrowsAsync<KubernetesCredentialException>(() => get);

        Assert.Contains("did not answer within 60 s", error.Message, StringComparison.Ordinal);
        await PluginIsGoneAsync();
    }

    [Fact]
    public async Task APluginThatNobodyWaitsFor_IsKilled()
    {
        Script($"echo $$ >{Beside("pid")}; exec sleep 1000");
        using var client = Client();
        using var stop = new CancellationTokenSource();
        var get = client.GetAsync<V1ConfigMap>("a", "default", stop.Token);
        await PluginStartedAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
        await PluginIsGoneAsync();
    }

    [Fact]
    public async Task APluginThatIsMissing_IsNamedWithItsInstallHint()
    {
        using var client = Client("installHint: \"Install it:\\n  krew install it.\", ");

        var error = await Assert.ThrowsAsync<KubernetesCredentialException>(() => GetAsync(client));

        Assert.Equal($"{Beside("config")}: users[u].user.exec: the credential plugin {Beside("plugin")} cannot be started: Install it: krew install it.", error.Message);
    }

    [Fact]
    public async Task InteractiveModeAlways_WithoutATerminal_IsAnError()
    {
        Answer("one", null);
        Configure("", "Always");

        var error = await Assert.ThrowsAsync<KubernetesCredentialException>(() => new ExecCredentialReader(Plugin(), _clock, () => false).ReadAsync(Token));

        Assert.Contains("needs a terminal", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Runs);
    }

    [Fact]
    public void ABareName_IsLookedUpInPathAlone()
    {
        Script("exit 0");
        File.WriteAllText(Beside("no-program"), "");
        Assert.Equal(Beside("plugin"), ExecutablePath.Find("plugin", $"/nowhere:{_directory}"));
        Assert.Null(ExecutablePath.Find("plugin", ".:relative"));
        Assert.Null(ExecutablePath.Find("no-program", _directory));
        Assert.Null(ExecutablePath.Find("plugin", null));
    }

    private static async Task GetAsync(KubernetesClient client) => Assert.Null(await client.GetAsync<V1ConfigMap>("a", "default", Token));

    private static string Print(string token, DateTimeOffset? expires)
    {
        var status = new JsonObject { ["token"] = token };
        if (expires is { } at) status["expirationTimestamp"] = at.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        return Print(status);
    }

    private static string Print(JsonObject status)
    {
        var answer = new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = "client.authentication.k8s.io/v1", ["status"] = status };
        return $"cat <<'EOF'\n{answer.ToJsonString()}\nEOF";
    }

    private async Task PluginStartedAsync() => await Eventually.IsTrueAsync(() => File.Exists(Beside("pid")) && File.ReadAllText(Beside("pid")).EndsWith('\n'));

    private async Task PluginIsGoneAsync()
    {
        var id = int.Parse(await File.ReadAllTextAsync(Beside("pid"), Token), System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.IsTrueAsync(() => !Directory.Exists($"/proc/{id}") || File.ReadAllText($"/proc/{id}/stat").Contains(" Z ", StringComparison.Ordinal));
    }

    private void Answer(string token, DateTimeOffset? expires) => Script(Print(token, expires));

    private void AnswerPair(string name, DateTimeOffset expires)
    {
        var (certificate, key) = _certificates.CreateClientPem(name);
        Script(Print(new JsonObject
        {
            ["clientCertificateData"] = certificate,
            ["clientKeyData"] = key,
            ["expirationTimestamp"] = expires.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
        }));
    }

    /// <summary>Moved into place whole: a script that is open for writing cannot be run.</summary>
    private void Script(string body)
    {
        var draft = Beside("plugin.new");
        File.WriteAllText(draft, $"#!/bin/sh\necho run >>{Beside("runs")}\n{body}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(draft, Beside("plugin"), overwrite: true);
    }

    private string Beside(string name) => Path.Combine(_directory, name);

    private ExecPlugin Plugin() => KubernetesClientConfiguration.FromFile(Beside("config")).Exec!;

    private KubernetesClient Client(string more = "")
    {
        Configure(more, "Never");
        return _server.CreateClient(_clock, KubernetesClientConfiguration.FromFile(Beside("config")));
    }

    private void Configure(string more, string mode)
    {
        File.WriteAllText(Beside("ca.crt"), _certificates.AuthorityPem);
        File.WriteAllText(Beside("config"), $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u} }]
            clusters:
            - name: k
              cluster:
                server: {{_server.Url}}
                certificate-authority: ca.crt
                extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: people} }]
            users:
            - name: u
              user:
                exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, {{more}}interactiveMode: {{mode}} }
            """);
    }
}
