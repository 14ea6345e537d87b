using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// How objects are written and read: source-generated metadata of the models here, followed by the caller's.
/// </summary>
public sealed class KubernetesJson
{
    private readonly JsonSerializerOptions _options;

    /// <summary>The models of this assembly, and those of the resolvers given (the contexts of custom resources).</summary>
    public KubernetesJson(params IJsonTypeInfoResolver[] resolvers)
    {
        _options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = JsonTypeInfoResolver.Combine([KubernetesJsonContext.Default, .. resolvers]),
        };
        _options.MakeReadOnly();
    }

    /// <summary>The metadata of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">No resolver knows the type.</exception>
    public JsonTypeInfo<T> TypeInfo<T>() => _options.TryGetTypeInfo(typeof(T), out var info)
        ? (JsonTypeInfo<T>)info
        : throw new InvalidOperationException($"No JSON metadata for {typeof(T).Name}; pass its JsonSerializerContext to {nameof(KubernetesJson)}.");

    /// <summary>A copy that shares nothing with <paramref name="value"/>.</summary>
    public T Clone<T>(T value) => JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo<T>()), TypeInfo<T>())!;

    // A list class per entity would have to be named in every context; its metadata is put together here instead,
    // without reflection.
    internal JsonTypeInfo<KubernetesList<T>> ListInfo<T>()
        where T : class, IKubernetesObject
    {
        var items = JsonMetadataServices.CreateListInfo<List<T>, T>(_options, new JsonCollectionInfoValues<List<T>>
        {
            ObjectCreator = () => [],
            ElementInfo = TypeInfo<T>(),
        });
        var metadata = TypeInfo<V1ListMeta>();
        return JsonMetadataServices.CreateObjectInfo(_options, new JsonObjectInfoValues<KubernetesList<T>>
        {
            ObjectCreator = () => new KubernetesList<T>(),
            PropertyMetadataInitializer = _ =>
            [
                JsonMetadataServices.CreatePropertyInfo(_options, new JsonPropertyInfoValues<V1ListMeta>
                {
                    IsProperty = true,
                    IsPublic = true,
                    DeclaringType = typeof(KubernetesList<T>),
                    PropertyTypeInfo = metadata,
                    PropertyName = "Metadata",
                    JsonPropertyName = "metadata",
                    Getter = list => ((KubernetesList<T>)list).Metadata,
                    Setter = (list, value) => ((KubernetesList<T>)list).Metadata = value ?? new V1ListMeta(),
                }),
                JsonMetadataServices.CreatePropertyInfo(_options, new JsonPropertyInfoValues<List<T>>
                {
                    IsProperty = true,
                    IsPublic = true,
                    DeclaringType = typeof(KubernetesList<T>),
                    PropertyTypeInfo = items,
                    PropertyName = "Items",
                    JsonPropertyName = "items",
                    Getter = list => ((KubernetesList<T>)list).Items,
                    Setter = (list, value) => ((KubernetesList<T>)list).Items = value ?? [],
                }),
            ],
        });
    }
}
