using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers.Children;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Controllers;

/// <summary>Who may own what, and what happens when an object is there already.</summary>
public sealed class ChildTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/ns/configmaps";

    private readonly V1StatefulSet _owner = new() { Metadata = { Name = "o", Namespace = "ns", Uid = "1" } };
    private ScriptedServer _server = null!;
    private MemoryServer _memory = null!;
    private KubernetesClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _memory = new MemoryServer(_server);
        _client = _server.CreateClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void Point30_ASecondController_IsRefused_AndNamed()
    {
        var child = Child();
        OwnerReferences.SetController(child, new V1StatefulSet { Metadata = { Name = "other", Namespace = "ns", Uid = "2" } });

        var error = Assert.Throws<OwnershipException>(() => OwnerReferences.SetController(child, _owner));
        Assert.Contains("ns/c is already controlled by the StatefulSet other", error.Message, StringComparison.Ordinal);
        Assert.Equal("2", error.Controller!.Uid);
        Assert.Equal("2", Assert.Single(child.Metadata.OwnerReferences!).Uid);
    }

    [Fact]
    public void Point30_AnOwnerOfTheSameNameThatIsAnother_IsRefused()
    {
        var child = Child();
        OwnerReferences.SetController(child, new V1StatefulSet { Metadata = { Name = "o", Namespace = "ns", Uid = "of-before" } });

        Assert.Throws<OwnershipException>(() => OwnerReferences.SetController(child, _owner));
    }

    [Theory]
    [InlineData("elsewhere")]
    [InlineData(null)]
    public void Point30_AnOwnerOfAnotherNamespace_IsRefused(string? space)
    {
        var child = new V1ConfigMap { Metadata = { Name = "c", Namespace = space } };

        var error = Assert.Throws<OwnershipException>(() => OwnerReferences.SetController(child, _owner));
        Assert.Contains("StatefulSet ns/o cannot own", error.Message, StringComparison.Ordinal);
        Assert.Throws<OwnershipException>(() => OwnerReferences.AddOwner(child, _owner));
        Assert.Null(child.Metadata.OwnerReferences);
    }

    [Fact]
    public void OwnersThatDoNotControl_AreAddedBesides()
    {
        var child = Child();
        OwnerReferences.SetController(child, _owner);
        OwnerReferences.AddOwner(child, _owner);
        OwnerReferences.AddOwner(child, new V1StatefulSet { Metadata = { Name = "p", Namespace = "ns", Uid = "2" } });
        OwnerReferences.AddOwner(child, new V1Node { Metadata = { Name = "n", Uid = "3" } });

        Assert.Equal(["o", "p", "n"], child.Metadata.OwnerReferences!.Select(r => r.Name));
        Assert.Equal("o", OwnerReferences.ControllerOf(child)!.Name);
        Assert.Equal([new EntityKey("ns", "o"), new EntityKey("ns", "p")], OwnerReferences.OwnerKeys<V1StatefulSet>(child));
        Assert.Equal([new EntityKey("ns", "o")], OwnerReferences.OwnerKeys<V1StatefulSet>(child, every: false));
        Assert.Equal([new EntityKey(null, "n")], OwnerReferences.OwnerKeys<V1Node>(child));
    }

    [Fact]
    public async Task Point32_WhatIsOursAlready_CountsAsCreated()
    {
        var first = await _client.CreateChildAsync(Child("first"), _owner, Token);
        var second = await _client.CreateChildAsync(Child("second"), _owner, Token);

        Assert.Equal("1", OwnerReferences.ControllerOf(first)!.Uid);
        Assert.Equal(first.Metadata.ResourceVersion, second.Metadata.ResourceVersion);
        Assert.Equal("first", second.Data!["k"]);
    }

    [Fact]
    public async Task Point32_WhatIsAnothers_IsNotOurs_AndItsOwnerIsNamed()
    {
        await _client.CreateChildAsync(Child(), new V1StatefulSet { Metadata = { Name = "other", Namespace = "ns", Uid = "2" } }, Token);

        var error = await Assert.ThrowsAsync<OwnershipException>(() => _client.CreateChildAsync(Child(), _owner, Token));
        Assert.Contains("ConfigMap ns/c is already controlled by the StatefulSet other (uid 2)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point32_WhatIsNobodys_IsNotOurs()
    {
        _memory.Seed(Maps, """{"metadata":{"name":"c","namespace":"ns"}}""");

        var error = await Assert.ThrowsAsync<OwnershipException>(() => _client.CreateChildAsync(Child(), _owner, Token));
        Assert.Contains("no controller owns it", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Controller);
    }

    [Fact]
    public async Task Point32_WhatVanishesMeanwhile_IsTriedAgainLater()
    {
        _memory.Intercept = request => request.Method == "POST" ? ScriptedAnswer.Failure(409, "AlreadyExists", "c already exists") : null;

        var error = await Assert.ThrowsAsync<KubernetesException>(() => _client.CreateChildAsync(Child(), _owner, Token));
        Assert.True(error.IsAlreadyExists);
    }

    [Fact]
    public void Point32_Names_FollowFromWhatTheyAreFor_AndStayApartWhenTheyAreCut()
    {
        var longName = new string('x', 70);

        Assert.Equal("web-settings", ChildName.Of("web", "settings"));
        Assert.Equal(ChildName.Of(longName, "a", ChildName.LabelLimit), ChildName.Of(longName, "a", ChildName.LabelLimit));
        Assert.NotEqual(ChildName.Of(longName, "a", ChildName.LabelLimit), ChildName.Of(longName, "b", ChildName.LabelLimit));
        Assert.Equal(63, ChildName.Of(longName, "a", ChildName.LabelLimit).Length);
        // Known for good: a name that changed would leave the old object behind.
        Assert.Equal("xxxxxxxxxxx-08085aca", ChildName.Of(longName, "a", 20));
        Assert.Equal("web-a", ChildName.Of("web", "a", 10));
        Assert.DoesNotContain("--", ChildName.Of("web-front", "settings", 13), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ChildName.Of("web", "a", 9));
    }

    private static V1ConfigMap Child(string value = "v") => new() { Kind = "ConfigMap", Metadata = { Name = "c", Namespace = "ns" }, Data = new() { ["k"] = value } };
}
