using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Controllers;

public sealed class PredicateTests : ControllerScene
{
    [Fact]
    public async Task Point28_GenerationChanges_IgnoreMetadataAndStatus()
    {
        await SettleAsync(c => c.When(Predicates.GenerationChanged));
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", labels: """{"x":"1"}"""));
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", status: """{"replicas":1}"""));
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2, generation: 2));
        Assert.Equal("default/a", await Scripted.NextAsync());
        await Memory.ChangeAsync(Sets, DefaultSets, "DELETED", Set("a", replicas: 2, generation: 2));

        Assert.Equal("deleted default/a", await Scripted.NextAsync());
        Assert.Equal(3, Scripted.Calls.Count);
    }

    [Fact]
    public void Point28_WhatCounts_AndWhatDoesNot()
    {
        Assert.True(Predicates.GenerationChanged(new InformerEvent<V1StatefulSet>(InformerEventType.Added, Of(1))));
        Assert.True(Predicates.GenerationChanged(new InformerEvent<V1StatefulSet>(InformerEventType.Deleted, Of(1))));
        Assert.False(Predicates.GenerationChanged(Update(Of(1), Of(1))));
        Assert.True(Predicates.GenerationChanged(Update(Of(1), Of(2))));
        Assert.False(Predicates.GenerationChanged(Update(Of(1), Of(1, m => m.Labels = new() { ["a"] = "b" }))));
        Assert.False(Predicates.GenerationChanged(Update(Of(1), Of(1, m => m.Annotations = new() { ["a"] = "b" }))));
        Assert.True(Predicates.GenerationChanged(Update(Of(1), Of(1, m => m.DeletionTimestamp = DateTimeOffset.UnixEpoch))));
        Assert.True(Predicates.GenerationChanged(Update(Of(1), Of(1, m => m.Uid = "2"))));

        Assert.True(Predicates.GenerationOrMetadataChanged(Update(Of(1), Of(1, m => m.Labels = new() { ["a"] = "b" }))));
        Assert.True(Predicates.GenerationOrMetadataChanged(Update(Of(1), Of(1, m => m.Annotations = new() { ["a"] = "b" }))));
        Assert.False(Predicates.GenerationOrMetadataChanged(Update(Of(1, m => m.Labels = []), Of(1))));
    }

    [Fact]
    public async Task APredicateThatThrows_CountsAsYes()
    {
        await SettleAsync(c => c.When(_ => throw new InvalidOperationException("boom")));
        await Memory.ChangeAsync(Sets, DefaultSets, "MODIFIED", Set("a", replicas: 2));

        Assert.Equal("default/a", await Scripted.NextAsync());
    }

    private static InformerEvent<V1StatefulSet> Update(V1StatefulSet before, V1StatefulSet after) => new(InformerEventType.Updated, after, before);

    private static V1StatefulSet Of(int generation, Action<V1ObjectMeta>? change = null)
    {
        var set = new V1StatefulSet { Metadata = { Name = "a", Namespace = "default", Uid = "1", Generation = generation } };
        change?.Invoke(set.Metadata);
        return set;
    }
}
