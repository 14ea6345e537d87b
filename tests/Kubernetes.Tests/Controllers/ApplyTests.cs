using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Controllers;

/// <summary>How children are applied: what goes over the wire.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private ScriptedServer _server = null!;
    private KubernetesClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _client = _server.CreateClient();
        _server.Answer = request => ScriptedAnswer.Ok(request.Body);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Point31_EveryApply_IsOfTheSameFieldManager_AndForcesOnlyWhereItIsMeant()
    {
        await _client.ApplyAsync(Map(), new ApplyOptions("runtime"), Token);
        await _client.ApplyStatusAsync(new V1StatefulSet { Metadata = { Name = "s", Namespace = "ns" } }, new ApplyOptions("runtime"), Token);
        await _client.ApplyAsync(Map(), new ApplyOptions("runtime", force: true), Token);

        Assert.All(_server.Requests, request =>
        {
            Assert.Equal("PATCH", request.Method);
            Assert.StartsWith("application/apply-patch+yaml", request.ContentType, StringComparison.Ordinal);
            Assert.Equal("runtime", request.Query["fieldManager"]);
        });
        Assert.Equal([null, null, "true"], _server.Requests.Select(request => request.Query.GetValueOrDefault("force")));
    }

    [Fact]
    public async Task Point31_OnlyFieldsThatAreSet_AreSent()
    {
        var map = Map();
        OwnerReferences.SetController(map, new V1StatefulSet { Metadata = { Name = "o", Namespace = "ns", Uid = "1" } });
        await _client.ApplyAsync(map, new ApplyOptions("runtime"), Token);

        var expected = JsonNode.Parse(
            """
            {
              "apiVersion": "v1", "kind": "ConfigMap",
              "metadata": {
                "name": "m", "namespace": "ns",
                "ownerReferences": [
                  { "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "o", "uid": "1", "controller": true, "blockOwnerDeletion": true }
                ]
              },
              "data": { "k": "v" }
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, Assert.Single(_server.Requests).Json), _server.Requests.Single().Body);
    }

    [Fact]
    public async Task Point31_WhatWasRead_IsAppliedWithoutItsManagedFields()
    {
        _server.Answer = _ => ScriptedAnswer.Ok(Json.ConfigMap("a", 8));
        var read = await _client.GetAsync<V1ConfigMap>("a", "default", Token);
        await _client.ApplyAsync(read!, new ApplyOptions("runtime"), Token);

        Assert.False(_server.Requests.Last().Json["metadata"]!.AsObject().ContainsKey("managedFields"));
    }

    [Fact]
    public async Task Point31_AConflict_IsSeen_WithTheFieldAndItsManager()
    {
        _server.Answer = _ => new ScriptedAnswer(
            409,
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 1 conflict: conflict with \"one\": .data.k","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".data.k"}]},"code":409}""");

        var error = await Assert.ThrowsAsync<KubernetesException>(() => _client.ApplyAsync(Map(), new ApplyOptions("runtime"), Token));
        Assert.True(error.IsConflict);
        Assert.Equal(".data.k", Assert.Single(error.Status.Details!.Causes!).Field);
        Assert.Contains("conflict with \"one\"", error.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    private static V1ConfigMap Map() => new() { Metadata = { Name = "m", Namespace = "ns" }, Data = new() { ["k"] = "v" } };
}
