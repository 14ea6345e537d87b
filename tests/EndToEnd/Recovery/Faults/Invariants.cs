namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>
/// What must hold of a cluster: some of it always, some of it when nothing ails the cluster and everything has had its time. Each violation
/// is a sentence. Pure.
/// </summary>
internal static class Invariants
{
    /// <summary>What must hold whenever nothing is at work, in the middle of faults as well.</summary>
    public static IEnumerable<string> Always(ClusterPicture picture) =>
        [.. GivenTwice(picture), .. PlannedTwice(picture), .. Claims(picture), .. Contradictions(picture)];

    /// <summary>What must hold when faults are over and have been dealt with.</summary>
    public static IEnumerable<string> WhenCalm(ClusterPicture picture) =>
        [.. Always(picture), .. Orphans(picture), .. Readiness(picture), .. Reasons(picture), .. GivenUp(picture), .. Lost(picture)];

    /// <summary>No GPU belongs to two pods.</summary>
    public static IEnumerable<string> GivenTwice(ClusterPicture picture)
    {
        var nodes = picture.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var pods in picture.Pods.Where(pod => pod is { Node: not null, IsFinished: false }).GroupBy(pod => pod.Node!, StringComparer.Ordinal))
        {
            if (nodes.TryGetValue(pods.Key, out var node) && pods.Sum(pod => pod.Gpus) > node.Gpus)
                yield return $"node {node.Name} has {node.Gpus} GPUs, which belong to {string.Join(", ", pods.Where(pod => pod.Gpus > 0).Select(pod => $"{pod.Name} ({pod.Gpus})"))}";
        }
    }

    /// <summary>No GPU is planned for two groups.</summary>
    public static IEnumerable<string> PlannedTwice(ClusterPicture picture)
    {
        var nodes = picture.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        var planned = picture.Deployments.SelectMany(deployment => deployment.Groups.SelectMany(group => group.Gpus.Select(place => (Group: $"{deployment.Name}/{group.Index}", place.Node, place.Gpus))));
        foreach (var places in planned.GroupBy(place => place.Node, StringComparer.Ordinal))
        {
            if (nodes.TryGetValue(places.Key, out var node) && places.Sum(place => place.Gpus) > node.Gpus)
                yield return $"node {node.Name} has {node.Gpus} GPUs, which are planned for {string.Join(", ", places.Select(place => $"{place.Group} ({place.Gpus})"))}";
        }
    }

    /// <summary>Nobody says Ready who is not.</summary>
    public static IEnumerable<string> Claims(ClusterPicture picture)
    {
        foreach (var deployment in picture.Deployments.Where(deployment => deployment is { IsReady: true, Replicas: > 0, IsObserved: true }))
        {
            if (Serving(picture, deployment) is var serving && serving < deployment.Replicas)
                yield return $"{deployment.Name} says that it is Ready, while {serving} of {deployment.Replicas} groups have all their pods Ready";
        }
    }

    /// <summary>The conditions of a deployment, which are written together, say the same.</summary>
    public static IEnumerable<string> Contradictions(ClusterPicture picture)
    {
        foreach (var deployment in picture.Deployments.Where(deployment => !deployment.IsReady))
        {
            if (deployment.Stalled is { } stalled && stalled != deployment.Reason)
                yield return $"{deployment.Name} is not Ready for the reason {deployment.Reason}, and says that it is stalled for the reason {stalled}";
            if (deployment is { Stalled: null, Reason: "EngineFailing" or "NcclFailing" })
                yield return $"{deployment.Name} is not Ready for the reason {deployment.Reason}, and says that it is not stalled";
            if (deployment is { Reason: "InsufficientCapacity", IsPlanned: true })
                yield return $"{deployment.Name} is not Ready for the reason InsufficientCapacity, and says that it has a plan";
        }
    }

    /// <summary>Every object belongs to a deployment that is there, and to a group that it wants.</summary>
    public static IEnumerable<string> Orphans(ClusterPicture picture)
    {
        var deployments = picture.Deployments.ToDictionary(deployment => deployment.Name, StringComparer.Ordinal);
        var uids = picture.Children.Select(child => child.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var child in picture.Children)
        {
            var what = $"{child.Kind} {child.Name}";
            if (!deployments.TryGetValue(child.Deployment, out var deployment))
                yield return $"{what} belongs to {child.Deployment}, which is not there";
            else if (child.Owner != deployment.Uid)
                yield return $"{what} belongs to a former {child.Deployment}";
            else if (child.Group is { } group && deployment.Groups.FirstOrDefault(one => one.Index == group) is not { } wanted)
                yield return $"{what} is for group {group} of {child.Deployment}, which is not wanted";
            else if (child is { Group: { } index, Plan: { } plan } && deployment.Groups.First(one => one.Index == index).Plan != plan)
                yield return $"{what} follows the plan {plan}, which group {index} of {child.Deployment} has given up";
        }
        foreach (var pod in picture.Pods.Where(pod => pod.Deployment is not null && !uids.Contains(pod.Owner)))
            yield return $"pod {pod.Name} has no StatefulSet";
        // An update that cannot go on keeps its further group.
        foreach (var deployment in picture.Deployments.Where(deployment => deployment.Groups.Length > deployment.Replicas + (picture.Ails(deployment.Name) ? 1 : 0)))
            yield return $"{deployment.Name} has {deployment.Groups.Length} groups and wants {deployment.Replicas}";
    }

    /// <summary>A deployment says Ready exactly when its pods are.</summary>
    public static IEnumerable<string> Readiness(ClusterPicture picture)
    {
        foreach (var deployment in picture.Deployments)
        {
            if (!deployment.IsObserved)
                yield return $"{deployment.Name}: the status is of an older spec";
            if (deployment.Replicas > 0 && !deployment.IsReady && Serving(picture, deployment) >= deployment.Replicas && deployment.Groups.Length == deployment.Replicas)
                yield return $"{deployment.Name} says {deployment.Reason}, while all its groups have all their pods Ready";
            foreach (var group in deployment.Groups.Where(group => group.IsReady != IsServing(picture, deployment, group)))
                yield return $"{deployment.Name} says of group {group.Index} that it {(group.IsReady ? "is" : "is not")} Ready, which its pods deny";
        }
    }

    /// <summary>Whoever is not Ready says why, and it is so.</summary>
    public static IEnumerable<string> Reasons(ClusterPicture picture)
    {
        foreach (var deployment in picture.Deployments)
        {
            if (deployment.Replicas == 0)
            {
                if (!deployment.IsReady || deployment.Reason is not ("Suspended" or "ScaledToZero"))
                    yield return $"{deployment.Name} wants no group and says {deployment.Reason}";
            }
            else if (deployment.IsReady)
            {
                if (deployment.Stalled is { } stalled)
                    yield return $"{deployment.Name} is Ready and says that it is stalled: {stalled}";
            }
            else if (!IsTrue(picture, deployment))
            {
                yield return $"{deployment.Name} is not Ready for the reason {deployment.Reason}, which is not so";
            }
        }
    }

    /// <summary>Every engine has been tried again after the last fault, and works if nothing ails it: none waits for a later try, which would disturb the calm.</summary>
    public static IEnumerable<string> GivenUp(ClusterPicture picture) => picture.Pods.Where(pod => pod.Engine is "Stalled" or "BackingOff" && !picture.Ails(pod.Deployment!))
        .Select(pod => $"{pod.Deployment}: the engine of pod {pod.Name} is {pod.Engine}, although nothing ails it");

    /// <summary>Engines that always fail and have not done so often enough yet to be tried only every ten minutes: it is not calm before.</summary>
    public static IEnumerable<string> StillTried(ClusterPicture picture) => picture.Pods
        .Where(pod => pod is { Engine: not null, IsReady: false } && picture.FailingPods.Contains(pod.Name)
            && !picture.Pods.Any(other => other.Deployment == pod.Deployment && other.Group == pod.Group && other.Engine == "Stalled"))
        .Select(pod => $"{pod.Deployment}: the engine of pod {pod.Name}, which always fails, is {pod.Engine}");

    /// <summary>No group stays where it cannot run while another place would hold it.</summary>
    public static IEnumerable<string> Lost(ClusterPicture picture)
    {
        var ready = picture.Nodes.Where(node => node.IsReady).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var deployment in picture.Deployments)
        {
            foreach (var group in deployment.Groups)
            {
                if (group.Gpus.FirstOrDefault(place => place.Node.Length > 0 && !ready.Contains(place.Node)).Node is { } lost && Fits(picture, deployment, group))
                    yield return $"{deployment.Name} has group {group.Index} on node {lost}, which is lost, although another place would hold it";
            }
        }
    }

    private static bool IsTrue(ClusterPicture picture, PictureDeployment deployment) => deployment.Reason switch
    {
        "InsufficientCapacity" => deployment.Groups.Length < deployment.Replicas
            ? !Fits(picture, deployment)
            : deployment.Groups.Any(group => !IsServing(picture, deployment, group) && !Fits(picture, deployment, group)),
        "EngineFailing" or "NcclFailing" => picture.Pods.Any(pod => pod.Deployment == deployment.Name && pod.Engine is not null && picture.FailingPods.Contains(pod.Name)),
        "GroupsStarting" or "GroupsNotReady" or "StartupTimeout" => picture.Pods.Any(pod => pod.Deployment == deployment.Name && picture.WaitsForImage(pod)),
        // Nothing else ails the cluster any more.
        _ => false,
    };

    /// <summary>Whether so many nodes have so many GPUs that neither a plan nor a pod has, but for those of the group itself.</summary>
    private static bool Fits(ClusterPicture picture, PictureDeployment deployment, PictureGroup? itself = null) =>
        deployment.Need is { } need
            && picture.FreeGpus(need.Product, itself is null ? null : (deployment.Name, itself.Index)).Values.Count(free => free >= need.GpusPerNode) >= need.Nodes;

    private static int Serving(ClusterPicture picture, PictureDeployment deployment) => deployment.Groups.Count(group => IsServing(picture, deployment, group));

    private static bool IsServing(ClusterPicture picture, PictureDeployment deployment, PictureGroup group)
    {
        var wanted = picture.Children.Where(child => child.Deployment == deployment.Name && child.Group == group.Index).Sum(child => child.Replicas);
        var pods = picture.Pods.Where(pod => pod.Deployment == deployment.Name && pod.Group == group.Index).ToList();
        return wanted > 0 && pods.Count == wanted && pods.TrueForAll(pod => pod.IsReady);
    }
}
