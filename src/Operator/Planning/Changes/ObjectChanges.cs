using System.Collections.Immutable;
using System.Text.Json;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>The objects of a deployment as a whole that differ between two specs: none of them restarts a pod. Pure.</summary>
internal static class ObjectChanges
{
    private static readonly KubernetesJson Json = new();

    /// <summary>What becomes of them, such as <c>Service small changes</c>.</summary>
    /// <param name="before">The deployment as it is.</param>
    /// <param name="after">The deployment as it would be, with the same metadata.</param>
    /// <param name="settings">The installation's settings.</param>
    public static ImmutableArray<string> Of(ModelDeployment before, ModelDeployment after, OperatorSettings settings)
    {
        var (was, becomes) = (Texts(before, settings), Texts(after, settings));
        return
        [
            .. was.Keys.Union(becomes.Keys).OrderBy(key => key.Kind, StringComparer.Ordinal).ThenBy(key => key.Name, StringComparer.Ordinal)
                .Select(key => (key, Was: was.GetValueOrDefault(key), Becomes: becomes.GetValueOrDefault(key)))
                .Where(one => one.Was != one.Becomes)
                // Claims hold data and stay.
                .Where(one => one.Becomes is not null || one.key.Kind != "PersistentVolumeClaim")
                .Select(one => $"{one.key.Kind} {one.key.Name} {(one.Was is null ? "is made" : one.Becomes is null ? "is removed" : "changes")}"),
        ];
    }

    private static Dictionary<(string Kind, string Name), string> Texts(ModelDeployment deployment, OperatorSettings settings) =>
        DeploymentObjects.Build(deployment, settings).ToDictionary(child => (child.Kind ?? "", child.Metadata.Name ?? ""), Text);

    private static string Text(IKubernetesObject child) => child switch
    {
        V1Service typed => JsonSerializer.Serialize(typed, Json.TypeInfo<V1Service>()),
        V1NetworkPolicy typed => JsonSerializer.Serialize(typed, Json.TypeInfo<V1NetworkPolicy>()),
        V1PodDisruptionBudget typed => JsonSerializer.Serialize(typed, Json.TypeInfo<V1PodDisruptionBudget>()),
        V1ServiceMonitor typed => JsonSerializer.Serialize(typed, Json.TypeInfo<V1ServiceMonitor>()),
        V1PersistentVolumeClaim typed => JsonSerializer.Serialize(typed, Json.TypeInfo<V1PersistentVolumeClaim>()),
        _ => "",
    };
}
