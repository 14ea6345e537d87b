using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>
/// Source-generated JSON of every model here: camelCase, nulls left out (a null that is written would be a field that
/// server-side apply takes ownership of).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonNode))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
[JsonSerializable(typeof(KubernetesDuration))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(V1ListMeta))]
[JsonSerializable(typeof(V1ObjectMeta))]
[JsonSerializable(typeof(V1PodTemplateSpec))]
[JsonSerializable(typeof(V1Affinity))]
[JsonSerializable(typeof(V1Toleration))]
[JsonSerializable(typeof(V1Condition))]
[JsonSerializable(typeof(EventsV1Event))]
[JsonSerializable(typeof(V1TokenReview))]
[JsonSerializable(typeof(V1SubjectAccessReview))]
[JsonSerializable(typeof(V1ConfigMap))]
[JsonSerializable(typeof(V1CustomResourceDefinition))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(V1Namespace))]
[JsonSerializable(typeof(V1NetworkPolicy))]
[JsonSerializable(typeof(V1Node))]
[JsonSerializable(typeof(V1PersistentVolume))]
[JsonSerializable(typeof(V1PersistentVolumeClaim))]
[JsonSerializable(typeof(V1Pod))]
[JsonSerializable(typeof(V1PodDisruptionBudget))]
[JsonSerializable(typeof(V1PriorityClass))]
[JsonSerializable(typeof(V1ResourceSlice))]
[JsonSerializable(typeof(V1beta1ResourceSlice))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1Service))]
[JsonSerializable(typeof(V1ServiceMonitor))]
[JsonSerializable(typeof(V1StatefulSet))]
[JsonSerializable(typeof(V1StorageClass))]
[JsonSerializable(typeof(V1ValidatingWebhookConfiguration))]
public sealed partial class KubernetesJsonContext : JsonSerializerContext;
