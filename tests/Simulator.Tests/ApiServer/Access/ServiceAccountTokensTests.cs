using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer.Access;

public sealed class ServiceAccountTokensTests
{
    [Fact]
    public void AToken_IsOfTheAccountItWasMadeFor_AndNotOfOneThatTookItsName()
    {
        var store = new ClusterStore(TimeProvider.System);
        var tokens = new ServiceAccountTokens(store);
        Create(store);
        var token = tokens.Create("default", "op")!;
        Assert.Equal("system:serviceaccount:default:op", tokens.Find(token)!.Value.User.Name);

        store.Delete(BuiltInResources.ServiceAccounts, "default", "op");
        Assert.Null(tokens.Find(token));
        Create(store);
        Assert.Null(tokens.Find(token));
        Assert.Null(tokens.Create("default", "nobody"));
    }

    private static void Create(ClusterStore store) =>
        store.Create(BuiltInResources.ServiceAccounts, JsonNode.Parse("""{"metadata":{"name":"op","namespace":"default"}}""")!.AsObject());
}
