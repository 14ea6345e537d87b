using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer.Access;

public sealed class ImpersonationTests
{
    [Fact]
    public void Groups_AreThoseOfTheName_UnlessSomeAreNamed_AndEverybodyIsAuthenticatedOnce()
    {
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"], AccessUser.Impersonated("system:serviceaccount:a:op", []).Groups);
        Assert.Equal(["g", "system:authenticated"], AccessUser.Impersonated("system:serviceaccount:a:op", ["g"]).Groups);
        Assert.Equal(["system:authenticated"], AccessUser.Impersonated("bob", ["system:authenticated"]).Groups);
        Assert.Equal(["system:authenticated"], AccessUser.Impersonated("system:serviceaccount:a", []).Groups);
    }

    /// <summary>The right to be users is not that to be of system:masters.</summary>
    [Fact]
    public async Task AGroup_TakesARightOfItsOwn()
    {
        await using var fixture = await ApiServerFixture.StartAsync(TestContext.Current.CancellationToken, new ApiServerOptions { EvaluateAccess = true });
        Create(fixture.Store, BuiltInResources.ServiceAccounts, """{"metadata":{"name":"op","namespace":"default"}}""");
        Create(fixture.Store, BuiltInResources.ClusterRoles, """{"metadata":{"name":"actor"},"rules":[{"apiGroups":[""],"resources":["users"],"verbs":["impersonate"]}]}""");
        Create(fixture.Store, BuiltInResources.ClusterRoleBindings, """
            {"metadata":{"name":"actor"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"actor"},
             "subjects":[{"kind":"ServiceAccount","name":"op","namespace":"default"}]}
            """);
        var (_, created) = await fixture.SendAsync(
            HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/op/token", JsonNode.Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"""));
        var token = created["status"]!["token"].AsText()!;

        Assert.Equal(200, await AskAsync(fixture, token));
        Assert.Equal(403, await AskAsync(fixture, token, "system:masters"));
        Assert.Equal(403, await AskAsync(fixture, token, "g", "system:masters"));
    }

    private static async Task<int> AskAsync(ApiServerFixture fixture, string token, params string[] groups)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/version");
        request.Headers.Add("Authorization", $"Bearer {token}");
        request.Headers.Add("Impersonate-User", "bob");
        foreach (var group in groups)
            request.Headers.Add("Impersonate-Group", group);
        using var answer = await fixture.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private static void Create(ClusterStore store, ResourceKey resource, string body) => store.Create(resource, JsonNode.Parse(body)!.AsObject());
}
