using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Tests.Metrics;

/// <summary>A cache of what a test puts into it.</summary>
internal sealed class DeploymentCache : IEntityCache<ModelDeployment>
{
    public List<ModelDeployment> Objects { get; } = [];

    public int Count => Objects.Count;

    public ModelDeployment? Get(EntityKey key) => Objects.Find(one => EntityKey.Of(one) == key);

    public IReadOnlyList<ModelDeployment> List() => Objects;

    public IReadOnlyList<ModelDeployment> ListByIndex(string indexName, string value) => throw new ArgumentException("There are no indexes.", nameof(indexName));
}
