using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.ApiServer.Access;

namespace GpuStack.Simulator.Tests.ApiServer.Access;

public sealed class AccessLogTests
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Fact]
    public async Task Grants_TellWhichRuleOfWhichRoleAllowedWhat_AndRefusalsWhoWasRefused()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken, new ApiServerOptions { EvaluateAccess = true });
        await PostAsync(fixture, $"{Rbac}/clusterroles", """
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [
              {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list"]},
              {"apiGroups": ["", "apps"], "resources": ["pods", "statefulsets"], "verbs": ["list", "watch"]},
              {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]}
            """);
        await PostAsync(fixture, $"{Rbac}/clusterrolebindings", """
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "r"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"}, "subjects": [{"kind": "User", "name": "u"}]}
            """);

        var statuses = new List<int>();
        foreach (var path in (string[])["/api/v1/nodes", "/apis/apps/v1/namespaces/default/statefulsets", "/api/v1/nodes", "/api/v1/secrets"])
            statuses.Add(await GetAsAsync(fixture, path));
        await PostAsync(fixture, "/apis/authorization.k8s.io/v1/subjectaccessreviews", """
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": "u", "nonResourceAttributes": {"path": "/metrics", "verb": "get"}}}
            """);

        Assert.Equal([200, 200, 200, 403], statuses);
        Assert.Equal(
            [
                new AccessGrant("ClusterRole r", 0, "list", "", "nodes", IsReview: false),
                new AccessGrant("ClusterRole r", 1, "list", "apps", "statefulsets", IsReview: false),
                new AccessGrant("ClusterRole r", 2, "get", "", "/metrics", IsReview: true),
            ],
            fixture.Server.Access.Grants.OrderBy(grant => grant.Rule));
        var refusal = Assert.Single(fixture.Server.Access.Refusals);
        Assert.Equal(("u", "secrets is forbidden: User \"u\" cannot list resource \"secrets\" in API group \"\" at the cluster scope"), (refusal.User, refusal.Message));
    }

    [Fact]
    public async Task WhereRolesAreNotEvaluated_NobodyNeedsAToken()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/nodes");
        request.Headers.Add("Authorization", "Bearer nonsense");

        using var answer = await fixture.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Empty(fixture.Server.Access.Grants);
    }

    [Fact]
    public void OfRefusals_TheNewest_AreKept()
    {
        var log = new AccessLog();
        for (var i = 0; i < 10_005; i++)
            log.Add(new AccessRefusal("u", $"{i}"));

        Assert.Equal(("5", "10004", 10_000), (log.Refusals[0].Message, log.Refusals[^1].Message, log.Refusals.Count));
    }

    private static async Task PostAsync(ApiServerFixture fixture, string path, string body)
    {
        var (status, answer) = await fixture.SendAsync(HttpMethod.Post, path, JsonNode.Parse(body));
        Assert.True(status == 201, answer.ToJsonString());
    }

    private static async Task<int> GetAsAsync(ApiServerFixture fixture, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Authorization", "Bearer simulated");
        request.Headers.Add("Impersonate-User", "u");
        using var answer = await fixture.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
