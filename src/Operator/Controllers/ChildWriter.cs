using System.Text.Json;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Brings a deployment's children to what is wanted. Each child carries the hash of what was last applied; an equal hash is not applied
/// again. A StatefulSet's hash covers only what the spec and the plan decide, so that a newer operator rewrites no running group.
/// Objects of other owners are never touched.
/// <para>
/// The informers see only objects with our label, so that a name they do not know may still be a stranger's. Such a child is applied with a
/// resourceVersion that no object has: the API server then creates it where there is none, and refuses with a Conflict where there is one.
/// Only after a refusal somebody has to be asked whose it is.
/// </para>
/// </summary>
[EntityRbac(
    typeof(V1StatefulSet), typeof(V1Service), typeof(V1ConfigMap), typeof(V1NetworkPolicy), typeof(V1PodDisruptionBudget), typeof(V1ServiceMonitor),
    typeof(V1PersistentVolumeClaim),
    Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch)]
[EntityRbac(typeof(V1StatefulSet), typeof(V1Service), typeof(V1ConfigMap), typeof(V1NetworkPolicy), typeof(V1Pod), Verbs = RbacVerb.Delete)]
// Clusters that enforce the rights of owner references, as OpenShift's do, ask for these: the children block their owner's deletion, and whoever
// gives a claim an owner, or takes it away, must be allowed to delete the claim.
[EntityRbac(typeof(ModelDeployment), Subresource = "finalizers", Verbs = RbacVerb.Update)]
[EntityRbac(typeof(V1PersistentVolumeClaim), Verbs = RbacVerb.Delete)]
internal sealed class ChildWriter(IKubernetesClient client, KubernetesJson json)
{
    /// <summary>The version of etcd's empty state: every object's is greater.</summary>
    private const string NoVersion = "1";

    /// <summary>How a registry that creates otherwise than the generic one (Services' before Kubernetes 1.23) refuses a version.</summary>
    private const string VersionRefused = "resourceVersion should not be set on objects to be created";

    private static readonly ApplyOptions Options = new(GroupLabels.Manager, force: true);

    /// <summary>Nothing of the answer is needed.</summary>
    private static readonly ApplyOptions Blind = Options with
    {
        Answer = JsonProjection.Everything.Keep<V1ObjectMeta>("name")
            .Keep<V1StatefulSet>("metadata").Keep<V1Service>("metadata").Keep<V1ConfigMap>("metadata").Keep<V1NetworkPolicy>("metadata")
            .Keep<V1PodDisruptionBudget>("metadata").Keep<V1ServiceMonitor>("metadata").Keep<V1PersistentVolumeClaim>("metadata"),
    };

    /// <summary>Applies what differs from what is there. The plan comes first: it is the record of what the rest is made of.</summary>
    /// <returns>The objects that were applied.</returns>
    /// <exception cref="NameConflictException">A name is taken by somebody else.</exception>
    /// <exception cref="FeatureUnavailableException">The cluster drops what a child cannot be without.</exception>
    public async Task<IReadOnlyList<IKubernetesObject>> ApplyAsync(
        ModelDeployment deployment, IReadOnlyList<IKubernetesObject> wanted, IReadOnlyList<IKubernetesObject> present, CancellationToken cancellationToken)
    {
        var changed = wanted.Select(child => (Child: child, Hash: Hash(child))).Where(one => IsDifferent(one.Child, one.Hash, present)).ToList();
        foreach (var (child, hash) in changed)
            (child.Metadata.Annotations ??= [])[GroupLabels.AppliedHash] = hash;
        foreach (var (plan, _) in changed.Where(one => one.Child is V1ConfigMap))
            await ApplyOneAsync(deployment, plan, present, cancellationToken);
        await Task.WhenAll(changed.Where(one => one.Child is not V1ConfigMap).Select(one => ApplyOneAsync(deployment, one.Child, present, cancellationToken)));
        return changed.ConvertAll(one => one.Child);
    }

    /// <summary>
    /// Deletes the deployment's children that are not wanted any more. Claims hold data and are left alone; authorities are still mounted by
    /// groups whose pods were made when the installation had some.
    /// </summary>
    public async Task PruneAsync(
        ModelDeployment deployment, IReadOnlyList<IKubernetesObject> wanted, IReadOnlyList<IKubernetesObject> present, CancellationToken cancellationToken)
    {
        var names = wanted.Select(child => (child.Kind, child.Metadata.Name)).ToHashSet();
        foreach (var child in present)
        {
            if (child is V1PersistentVolumeClaim || TrustVolume.IsMap(child, deployment) || child.Metadata.DeletionTimestamp is not null
                || names.Contains((child.Kind, child.Metadata.Name)) || !IsOwned(child, deployment))
            {
                continue;
            }
            await (child switch
            {
                V1StatefulSet => DeleteAsync<V1StatefulSet>(child, cancellationToken),
                V1Service => DeleteAsync<V1Service>(child, cancellationToken),
                V1ConfigMap => DeleteAsync<V1ConfigMap>(child, cancellationToken),
                V1NetworkPolicy => DeleteAsync<V1NetworkPolicy>(child, cancellationToken),
                V1PodDisruptionBudget => DeleteAsync<V1PodDisruptionBudget>(child, cancellationToken),
                V1ServiceMonitor => DeleteAsync<V1ServiceMonitor>(child, cancellationToken),
                _ => Task.CompletedTask,
            });
        }
    }

    /// <summary>Deletes a pod; a pod on a lost node at once, for nobody there would confirm its end.</summary>
    public async Task DeletePodAsync(string namespaceName, V1Pod pod, bool force, CancellationToken cancellationToken)
    {
        using var activity = OperatorTracing.Begin("delete", "Pod", pod.Metadata.Name);
        try
        {
            await client.DeleteAsync<V1Pod>(
                pod.Metadata.Name ?? "",
                namespaceName,
                new DeleteOptions { GracePeriodSeconds = force ? 0 : null, Preconditions = new DeletePreconditions { Uid = pod.Metadata.Uid } },
                cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            // Another pod has the name by now: what was meant is gone.
        }
    }

    private Task ApplyOneAsync(
        ModelDeployment deployment, IKubernetesObject child, IReadOnlyList<IKubernetesObject> present, CancellationToken cancellationToken)
    {
        var activity = OperatorTracing.Begin("apply", child.Kind, child.Metadata.Name);
        return OperatorTracing.RunAsync(activity, ApplyKindAsync(deployment, child, present, cancellationToken));
    }

    private Task ApplyKindAsync(
        ModelDeployment deployment, IKubernetesObject child, IReadOnlyList<IKubernetesObject> present, CancellationToken cancellationToken) => child switch
        {
            V1StatefulSet typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            V1Service typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            V1ConfigMap typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            V1NetworkPolicy typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            V1PodDisruptionBudget typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            V1ServiceMonitor typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            V1PersistentVolumeClaim typed => ApplyTypedAsync(deployment, typed, present, cancellationToken),
            _ => throw new InvalidOperationException($"Nothing is known about children of the kind {child.Kind}."),
        };

    private async Task ApplyTypedAsync<T>(
        ModelDeployment deployment, T child, IReadOnlyList<IKubernetesObject> present, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var known = Find(child, present) as T;
        if (known is null)
        {
            if (await TryCreateAsync(child, cancellationToken))
                return;
            known = await client.GetAsync<T>(child.Metadata.Name ?? "", child.Metadata.Namespace, cancellationToken);
        }
        if (known is not null)
            RequireOwn(child, known, deployment);
        try
        {
            await ApplyCheckedAsync(child, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsInvalid && known is not null && child is V1StatefulSet)
        {
            // What cannot be changed is made anew; the deletion's event brings the deployment back here.
            await DeleteAsync<V1StatefulSet>(known, cancellationToken);
        }
    }

    /// <returns>False when there may be an object of that name.</returns>
    private async Task<bool> TryCreateAsync<T>(T child, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        child.Metadata.ResourceVersion = NoVersion;
        try
        {
            await ApplyCheckedAsync(child, cancellationToken);
            return true;
        }
        catch (KubernetesException exception) when (
            exception.IsConflict || exception.IsAlreadyExists || exception.Message.Contains(VersionRefused, StringComparison.Ordinal))
        {
            return false;
        }
        finally
        {
            child.Metadata.ResourceVersion = null;
        }
    }

    private async Task ApplyCheckedAsync<T>(T child, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        if (child is V1StatefulSet set)
            await ImageVolumes.CheckAsync(client, set, Options, cancellationToken);
        await client.ApplyAsync(child, Blind, cancellationToken);
    }

    /// <exception cref="LeftoverException">It belongs to a deployment of this name that is gone.</exception>
    /// <exception cref="NameConflictException">It belongs to somebody else.</exception>
    private static void RequireOwn(IKubernetesObject child, IKubernetesObject known, ModelDeployment deployment)
    {
        if (IsOwned(known, deployment) || IsOrphanClaim(known, deployment))
            return;
        if (IsOfNamesake(known, deployment))
            throw new LeftoverException(child.Kind ?? "", child.Metadata.Name ?? "");
        throw new NameConflictException(child.Kind ?? "", child.Metadata.Name ?? "");
    }

    private async Task DeleteAsync<T>(IKubernetesObject child, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            await client.DeleteAsync<T>(
                child.Metadata.Name ?? "",
                child.Metadata.Namespace,
                new DeleteOptions
                {
                    PropagationPolicy = PropagationPolicy.Background,
                    Preconditions = new DeletePreconditions { Uid = child.Metadata.Uid },
                },
                cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            // It was replaced meanwhile; the next look decides anew.
        }
    }

    private static bool IsDifferent(IKubernetesObject child, string hash, IReadOnlyList<IKubernetesObject> present)
    {
        if (Find(child, present) is not { } known || known.Metadata.DeletionTimestamp is not null)
            return true;
        return known.Metadata.Annotations?.GetValueOrDefault(GroupLabels.AppliedHash) != hash
            || (known is V1StatefulSet was && child is V1StatefulSet wanted && was.Spec?.Replicas != wanted.Spec?.Replicas);
    }

    private static IKubernetesObject? Find(IKubernetesObject child, IReadOnlyList<IKubernetesObject> present) =>
        present.FirstOrDefault(known => known.GetType() == child.GetType() && known.Metadata.Name == child.Metadata.Name);

    /// <summary>The hash of a child as it was built, before it carries its own hash.</summary>
    private string Hash(IKubernetesObject child)
    {
        if (child is V1StatefulSet set)
            return SpecHash.Of($"{set.Spec?.Template?.Metadata?.Annotations?.GetValueOrDefault(GroupLabels.TemplateHash)} {set.Spec?.Replicas}");
        return SpecHash.Of(child switch
        {
            V1Service typed => Text(typed),
            V1ConfigMap typed => Text(typed),
            V1NetworkPolicy typed => Text(typed),
            V1PodDisruptionBudget typed => Text(typed),
            V1ServiceMonitor typed => Text(typed),
            V1PersistentVolumeClaim typed => Text(typed),
            _ => "",
        });
    }

    private string Text<T>(T child) => JsonSerializer.Serialize(child, json.TypeInfo<T>());

    private static bool IsOwned(IKubernetesObject child, ModelDeployment deployment) =>
        child.Metadata.OwnerReferences?.Exists(owner => owner.Uid == deployment.Metadata.Uid) is true;

    /// <summary>A claim that outlived a deployment of this name is taken up again.</summary>
    private static bool IsOrphanClaim(IKubernetesObject child, ModelDeployment deployment) =>
        child is V1PersistentVolumeClaim && child.Metadata.OwnerReferences is not { Count: > 0 }
        && child.Metadata.Labels?.GetValueOrDefault(GroupLabels.Deployment) == deployment.Metadata.Name;

    /// <summary>A child of a deleted deployment of the same name, which the garbage collector has not reached yet.</summary>
    private static bool IsOfNamesake(IKubernetesObject child, ModelDeployment deployment) =>
        child.Metadata.OwnerReferences?.Exists(owner => owner.Kind == "ModelDeployment" && owner.Name == deployment.Metadata.Name) is true;
}
