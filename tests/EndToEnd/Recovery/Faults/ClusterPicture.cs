using System.Collections.Immutable;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>A cluster at one moment, as far as the invariants look at it.</summary>
internal sealed record ClusterPicture
{
    public ImmutableArray<PictureNode> Nodes { get; init; } = [];

    public ImmutableArray<PicturePod> Pods { get; init; } = [];

    public ImmutableArray<PictureChild> Children { get; init; } = [];

    public ImmutableArray<PictureDeployment> Deployments { get; init; } = [];

    /// <summary>Images that cannot be pulled.</summary>
    public ImmutableHashSet<string> FailingImages { get; init; } = [];

    /// <summary>Names of pods in which NCCL fails.</summary>
    public ImmutableHashSet<string> FailingPods { get; init; } = [];

    /// <summary>How many GPUs neither a plan nor a pod has, by the nodes of a product that take pods.</summary>
    /// <param name="product">The product.</param>
    /// <param name="without">A group whose own GPUs count as free; null for none.</param>
    public Dictionary<string, int> FreeGpus(string product, (string Deployment, int Group)? without = null)
    {
        var planned = Deployments.SelectMany(deployment => deployment.Groups.Where(group => (deployment.Name, group.Index) != without))
            .SelectMany(group => group.Gpus).ToLookup(place => place.Node, place => place.Gpus, StringComparer.Ordinal);
        var bound = Pods.Where(pod => pod is { Node: not null, IsFinished: false } && (pod.Deployment ?? "", pod.Group) != without)
            .ToLookup(pod => pod.Node!, pod => pod.Gpus, StringComparer.Ordinal);
        return Nodes.Where(node => node is { IsReady: true, IsCordoned: false } && node.Product == product)
            .Select(node => (node.Name, Free: node.Gpus - Math.Max(planned[node.Name].Sum(), bound[node.Name].Sum())))
            .Where(node => node.Free > 0).ToDictionary(node => node.Name, node => node.Free, StringComparer.Ordinal);
    }

    /// <summary>Whether a deployment's pods cannot all become Ready because of what a fault still does to them.</summary>
    public bool Ails(string deployment) => Pods.Any(pod => pod.Deployment == deployment && (FailingPods.Contains(pod.Name) || WaitsForImage(pod)));

    /// <summary>Whether a pod waits for an image that cannot be pulled.</summary>
    public bool WaitsForImage(PicturePod pod) => pod.UnpulledImage is { } image && FailingImages.Contains(image);
}

/// <summary>A node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Product">Its GPUs' product.</param>
/// <param name="Gpus">GPUs that may be given to pods.</param>
/// <param name="IsReady">Whether it is Ready.</param>
/// <param name="IsCordoned">Whether it takes no new pods.</param>
internal sealed record PictureNode(string Name, string Product, int Gpus, bool IsReady = true, bool IsCordoned = false);

/// <summary>A pod, of a deployment or of somebody else.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Deployment">The deployment that it belongs to by its label; null for strangers.</param>
/// <param name="Group">The group.</param>
/// <param name="Node">Where it is bound; null before.</param>
/// <param name="Gpus">GPUs that it asks for.</param>
/// <param name="IsReady">Whether it is Ready, and not being deleted.</param>
internal sealed record PicturePod(string Name, string? Deployment, int Group, string? Node, int Gpus, bool IsReady)
{
    public bool IsBeingDeleted { get; init; }

    /// <summary>Whether its containers have ended for good, so that its GPUs are free.</summary>
    public bool IsFinished { get; init; }

    /// <summary>The uid of the StatefulSet that owns it.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The image that its kubelet could not pull; null when it waits for none.</summary>
    public string? UnpulledImage { get; init; }

    /// <summary>What its supervisor says of its engine; null when there is none.</summary>
    public string? Engine { get; init; }
}

/// <summary>An object that the operator made.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Deployment">The deployment that it belongs to by its label.</param>
/// <param name="Owner">The uid of the deployment that owns it.</param>
/// <param name="Group">The group that it is for; null for the deployment's own.</param>
internal sealed record PictureChild(string Kind, string Name, string Uid, string Deployment, string Owner, int? Group = null)
{
    /// <summary>Pods that it should have: StatefulSets.</summary>
    public int Replicas { get; init; }

    /// <summary>The plan that it follows; null when it follows none.</summary>
    public string? Plan { get; init; }
}

/// <summary>A deployment and what its status says.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Replicas">Groups that are wanted: none while it is suspended.</param>
/// <param name="IsReady">What the condition Ready says.</param>
/// <param name="Reason">Its reason.</param>
internal sealed record PictureDeployment(string Name, string Uid, int Replicas, bool IsReady, string Reason)
{
    /// <summary>The reason of the condition Stalled; null unless it is True.</summary>
    public string? Stalled { get; init; }

    /// <summary>Whether the condition Planned is True.</summary>
    public bool IsPlanned { get; init; } = true;

    /// <summary>Whether the status is of the present spec.</summary>
    public bool IsObserved { get; init; } = true;

    public ImmutableArray<PictureGroup> Groups { get; init; } = [];

    /// <summary>The place that one group needs at least; null when no such place can exist.</summary>
    public PictureNeed? Need { get; init; }
}

/// <summary>A group as the status shows it.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Plan">Its plan's hash.</param>
/// <param name="IsReady">Whether it is said to be Ready.</param>
/// <param name="Gpus">GPUs of its plan by node.</param>
internal sealed record PictureGroup(int Index, string Plan, bool IsReady, ImmutableArray<(string Node, int Gpus)> Gpus);

/// <summary>So many nodes with so many free GPUs of a product certainly hold a group.</summary>
internal sealed record PictureNeed(string Product, int Nodes, int GpusPerNode);
