using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Whether a cluster keeps volumes of OCI images: an API server whose gate ImageVolume is off drops the field, and the pod would wait for ever
/// or start without its model. Asked by a dry run of the very object, so that no version has to be known.
/// </summary>
internal static class ImageVolumes
{
    private const string Remedy = "enable the feature gate ImageVolume of API server and kubelets (on by default from Kubernetes 1.35), or give the model by another source in spec.model";

    /// <exception cref="FeatureUnavailableException">The volume would not survive.</exception>
    public static async Task CheckAsync(IKubernetesClient client, V1StatefulSet set, ApplyOptions options, CancellationToken cancellationToken)
    {
        if (Names(set) is not { Count: > 0 } wanted)
            return;
        V1StatefulSet answer;
        // Other refusals are the apply's own: that of an unchangeable field speaks of persistentVolumeClaimRetentionPolicy, too.
        try
        {
            answer = await client.ApplyAsync(set, options with { DryRun = true }, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsInvalid && exception.Message.Contains(".volumes[", StringComparison.Ordinal))
        {
            throw new FeatureUnavailableException($"spec.model.image: the cluster refuses volumes of images ({exception.Message}); {Remedy}");
        }
        if (!wanted.IsSubsetOf(Names(answer)))
            throw new FeatureUnavailableException($"spec.model.image: the cluster drops volumes of images; {Remedy}");
    }

    private static HashSet<string> Names(V1StatefulSet set) =>
        [.. (set.Spec?.Template?.Spec?.Volumes ?? []).Where(volume => volume.Image is not null).Select(volume => volume.Name ?? "")];
}
