using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning.Volumes;

namespace GpuStack.Operator.Controllers;

/// <summary>What the informers know of claims, volumes and storage classes, and which deployments a change of them concerns.</summary>
[EntityRbac(typeof(V1PersistentVolume), typeof(V1StorageClass), Verbs = RbacVerb.List | RbacVerb.Watch)]
internal sealed class StorageView : IVolumeSource
{
    private const string ByClaim = "claim";
    private const string ByClass = "class";
    private const string AnyClaim = "any";

    private readonly Informer<ModelDeployment> _deployments;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1PersistentVolumeClaim> _claims;
    private readonly Informer<V1PersistentVolume> _volumes;
    private readonly Informer<V1StorageClass> _classes;

    /// <param name="host">Holds the informers of volumes and classes.</param>
    /// <param name="deployments">The deployments.</param>
    /// <param name="pods">All pods, for any may have a claim mounted.</param>
    /// <param name="claims">All claims, for users bring their own.</param>
    public StorageView(ControllerHost host, Informer<ModelDeployment> deployments, Informer<V1Pod> pods, Informer<V1PersistentVolumeClaim> claims)
    {
        _deployments = deployments;
        _pods = pods;
        _claims = claims;
        _volumes = host.Informer(new InformerOptions<V1PersistentVolume> { Projection = CacheTrim.VolumeFields });
        _classes = host.Informer<V1StorageClass>();
        _deployments.AddIndex(ByClaim, deployment =>
            VolumeConstraints.Names(deployment).Select(claim => Key(deployment.Metadata.Namespace, claim)).Concat(HasClaims(deployment) ? [AnyClaim] : []));
        _pods.AddIndex(ByClaim, pod => StorageObjects.ClaimsOf(pod).Select(claim => Key(pod.Metadata.Namespace, claim)));
        _volumes.AddIndex(ByClass, volume => volume.Spec?.StorageClassName is { } name ? [name] : []);
    }

    public bool KnowsAllClaims => true;

    public V1PersistentVolumeClaim? Claim(string namespaceName, string name) => _claims.Cache.Get(new EntityKey(namespaceName, name));

    public V1PersistentVolume? Volume(string name) => _volumes.Cache.Get(new EntityKey(null, name));

    public IEnumerable<V1PersistentVolume> VolumesOfClass(string name) => _volumes.Cache.ListByIndex(ByClass, name);

    public V1StorageClass? Class(string? name) => name is null
        ? StorageObjects.Default(_classes.Cache.List())
        : _classes.Cache.Get(new EntityKey(null, name));

    public IEnumerable<V1Pod> UsersOf(string namespaceName, string claim) => _pods.Cache.ListByIndex(ByClaim, Key(namespaceName, claim));

    /// <summary>Deployments that mount a claim.</summary>
    public IEnumerable<EntityKey> Concerned(V1PersistentVolumeClaim claim) =>
        ClusterView.Owner(claim) is { } owner
            ? [new EntityKey(owner.Namespace, owner.Name)]
            : Of(Key(claim.Metadata.Namespace, claim.Metadata.Name));

    /// <summary>Deployments that mount the volume's claim; of a volume that is free, all that mount claims.</summary>
    public IEnumerable<EntityKey> Concerned(V1PersistentVolume volume) =>
        Of(StorageObjects.ClaimOf(volume) is { } claim ? Key(claim.Namespace, claim.Name) : AnyClaim);

    /// <summary>All deployments that mount claims: which class a claim has may be the default's to say.</summary>
    public IEnumerable<EntityKey> ConcernedByClasses() => Of(AnyClaim);

    /// <summary>Whether a claim changed in what planning looks at.</summary>
    public static bool Matters(InformerEvent<V1PersistentVolumeClaim> change) =>
        !change.IsInitial
        && (change.Previous is not { } before
            || before.Spec?.VolumeName != change.Object.Spec?.VolumeName
            || before.Status?.Phase != change.Object.Status?.Phase);

    private IEnumerable<EntityKey> Of(string indexed) => _deployments.Cache.ListByIndex(ByClaim, indexed).Select(EntityKey.Of);

    private static bool HasClaims(ModelDeployment deployment) =>
        deployment.Spec.Cache.PersistentVolumeClaim is not null || deployment.Spec.Model.PersistentVolumeClaim is not null;

    private static string Key(string? namespaceName, string? claim) => $"{namespaceName}/{claim}";
}
