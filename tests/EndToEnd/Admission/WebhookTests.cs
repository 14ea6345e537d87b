using GpuStack.EndToEnd.Access;
using GpuStack.Operator.Admission;

namespace GpuStack.EndToEnd.Admission;

/// <summary>kubectl against a cluster whose API server asks the operator's webhook over TLS.</summary>
public sealed class WebhookTests
{
    private const string Wrong = "engine: {args: [-ngl, '9']}";

    [Fact]
    public async Task A_spec_that_cannot_work_is_refused_with_what_to_do_and_nothing_is_stored()
    {
        await using var scene = await WebhookScene.StartAsync();
        await scene.StartReplicaAsync();
        using var file = scene.Manifest("wrong", Wrong);

        var printed = await scene.Kubectl.RefusalAsync("apply", "-f", file.Path);

        Assert.Contains("""The ModelDeployment "wrong" is invalid: spec.engine.args[0]: -ngl would contradict the plan: remove it""", printed, StringComparison.Ordinal);
        Assert.Contains("not found", await scene.Kubectl.RefusalAsync("get", "mdeploy", "wrong", "-n", scene.Cluster.Namespace), StringComparison.Ordinal);
        // So does a dry run, and server-side apply.
        Assert.Contains("-ngl would contradict the plan", await scene.Kubectl.RefusalAsync("apply", "--dry-run=server", "-f", file.Path), StringComparison.Ordinal);
        Assert.Contains("-ngl would contradict the plan", await scene.Kubectl.RefusalAsync("apply", "--server-side", "-f", file.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_doubtful_spec_is_applied_with_warnings_that_know_the_model()
    {
        await using var scene = await WebhookScene.StartAsync();
        await scene.StartReplicaAsync();
        using var file = scene.Manifest("long", "engine: {contextLength: 200000}\naccess: {networkPolicy: Disabled}");

        var printed = await scene.Kubectl.RunAsync("apply", "-f", file.Path);

        Assert.Contains("Warning: spec.engine.contextLength: 200000 is more than the 131072 tokens that the model was trained for; answers get worse beyond", printed, StringComparison.Ordinal);
        Assert.Contains("Warning: spec.access.networkPolicy: ", printed, StringComparison.Ordinal);
        Assert.Contains("long created", printed, StringComparison.Ordinal);
        // What is not changed is not judged again.
        Assert.DoesNotContain("Warning", await scene.Kubectl.RunAsync("label", "mdeploy", "long", "a=b", "-n", scene.Cluster.Namespace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_restarts_what_serves_is_warned_of_and_a_deletion_is_not_asked_about()
    {
        await using var scene = await WebhookScene.StartAsync();
        await scene.StartReplicaAsync();
        await scene.Cluster.ApplyAsync("small");
        await scene.Cluster.WaitAsync("small", "Ready", "True");
        var patch = (string[])["patch", "mdeploy", "small", "-n", scene.Cluster.Namespace, "--type=merge", "-p"];

        Assert.Contains("Warning: the change restarts the group that serves", await scene.Kubectl.RunAsync([.. patch, """{"spec":{"engine":{"contextLength":2048}}}"""]), StringComparison.Ordinal);
        Assert.Contains("-ngl would contradict the plan", await scene.Kubectl.RefusalAsync([.. patch, """{"spec":{"engine":{"args":["-ngl","9"]}}}"""]), StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", await scene.Kubectl.RunAsync("delete", "mdeploy", "small", "-n", scene.Cluster.Namespace, "--timeout=60s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_webhook_the_spec_is_applied_and_the_controller_says_what_is_wrong()
    {
        await using var scene = await WebhookScene.StartAsync();
        using var file = scene.Manifest("wrong", Wrong);

        Assert.Contains("wrong created", await scene.Kubectl.RunAsync("apply", "-f", file.Path), StringComparison.Ordinal);
        await scene.StartReplicaAsync();
        var stalled = await scene.Cluster.WaitAsync("wrong", "Stalled", "True", "InvalidSpec");
        Assert.Contains("-ngl would contradict the plan", stalled.Status!.Conditions!.Single(condition => condition.Type == "Ready").Message, StringComparison.Ordinal);

        // What was wrong before keeps nobody from cleaning up.
        Assert.Contains("Warning: as before, spec.engine.args[0]", await scene.Kubectl.RunAsync(
            "patch", "mdeploy", "wrong", "-n", scene.Cluster.Namespace, "--type=merge", "-p", """{"spec":{"replicas":0}}"""), StringComparison.Ordinal);
        await scene.Kubectl.RunAsync("delete", "mdeploy", "wrong", "-n", scene.Cluster.Namespace, "--timeout=60s");
    }

    [Fact]
    public async Task Replicas_share_one_certificate_and_each_answers_whoever_leads()
    {
        await using var scene = await WebhookScene.StartAsync();
        var first = await scene.StartReplicaAsync("one");
        await scene.StartReplicaAsync("two");
        using var file = scene.Manifest("wrong", Wrong);

        Assert.Equal(await WebhookScene.ShownAsync(scene.Ports[0]), await WebhookScene.ShownAsync(scene.Ports[1]));
        for (var i = 0; i < 4; i++)
            Assert.Contains("is invalid", await scene.Kubectl.RefusalAsync("apply", "-f", file.Path), StringComparison.Ordinal);
        await scene.StopAsync(first);
        Assert.Contains("is invalid", await scene.Kubectl.RefusalAsync("apply", "-f", file.Path), StringComparison.Ordinal);
    }

    // A webhook that is not trusted is passed over: a moment without trust would let a wrong spec through.
    [Fact]
    public async Task While_certificate_and_authority_are_renewed_every_request_is_judged()
    {
        await using var scene = await WebhookScene.StartAsync();
        await scene.StartReplicaAsync("one");
        await scene.StartReplicaAsync("two");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = AskAsync(scene, stop.Token);

        var certificate = scene.Certificate();
        scene.ChangeSecret("tls.key", "eA==");
        await WebhookScene.UntilAsync(async () => scene.Certificate() is { } now && now != certificate && await AllShowAsync(scene, now));
        var (authorities, renewed) = (scene.Bundle(), scene.Certificate());
        scene.ChangeSecret("ca.key", "eA==");
        await WebhookScene.UntilAsync(() => Task.FromResult(scene.Bundle() != authorities));
        // The new authority stands beside the old one, whose certificate is shown on.
        Assert.Equal(renewed, scene.Certificate());
        Assert.True(await AllShowAsync(scene, renewed!));
        Assert.Contains(Text(authorities).Trim(), Text(scene.Bundle()), StringComparison.Ordinal);

        await stop.CancelAsync();
        Assert.InRange(await asking, 1, int.MaxValue);
        // All that the webhook's own roles allow was needed; reading the Secret is allowed besides, but not where only some namespaces are served.
        Assert.Equal(
            ["../webhook/webhook_role.yaml, rule 1: get secrets"],
            OperatorAccess.WebhookRoles.SelectMany(role => RoleFile.Read($"{role}.yaml").Unused(scene.Cluster.Simulated!.Access)));
        await scene.Kubectl.RefusalAsync("get", "mdeploy", "wrong", "-n", scene.Cluster.Namespace);
    }

    [Fact]
    public async Task Nothing_of_the_keys_is_in_what_the_operator_writes()
    {
        await using var scene = await WebhookScene.StartAsync();
        await scene.StartReplicaAsync();
        await scene.Cluster.ApplyAsync("small");
        await scene.Cluster.WaitAsync("small", "Ready", "True");

        var all = await scene.Kubectl.RunAsync("get", "mdeploy,events,configmaps,statefulsets,pods,validatingwebhookconfigurations", "-A", "-o", "yaml");

        foreach (var key in (string[])["tls.key", "ca.key"])
            Assert.DoesNotContain(Text(scene.Secret()!.Body["data"]![key]!.GetValue<string>()).Split('\n')[1], all, StringComparison.Ordinal);
    }

    private static string Text(string base64) => System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(base64));

    private static async Task<bool> AllShowAsync(WebhookScene scene, string certificate)
    {
        foreach (var port in scene.Ports)
        {
            if (await WebhookScene.ShownAsync(port) != certificate)
                return false;
        }
        return true;
    }

    /// <summary>Asks until cancelled, each time for what must be refused; how often it was.</summary>
    private static async Task<int> AskAsync(WebhookScene scene, CancellationToken cancellationToken)
    {
        var refused = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var error = await Assert.ThrowsAsync<GpuStack.Kubernetes.Client.KubernetesException>(() => scene.Cluster.ApplyAsync("wrong", Wrong));
            Assert.Contains(WebhookSettings.WebhookName, error.Message, StringComparison.Ordinal);
            refused++;
        }
        return refused;
    }
}
