using System.Runtime.CompilerServices;
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
    private readonly ConditionalWeakTable<JsonProjection, JsonSerializerOptions> _reading = [];
    private readonly StringPool _pool = new();

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

    /// <summary>
    /// The metadata by which lists and watches are read: only what the projection leaves, and texts that come often shared.
    /// </summary>
    internal JsonTypeInfo<T> ReadInfo<T>(JsonProjection? projection)
    {
        // Says which type it is when none knows it.
        _ = TypeInfo<T>();
        return (JsonTypeInfo<T>)_reading.GetValue(projection ?? JsonProjection.Everything, ReadOptions).GetTypeInfo(typeof(T));
    }

    private JsonSerializerOptions ReadOptions(JsonProjection projection)
    {
        var options = new JsonSerializerOptions(_options)
        {
            TypeInfoResolver = _options.TypeInfoResolver!.WithAddedModifier(projection.Apply),
            Converters =
            {
                new PooledStringConverter(_pool),
                new PooledMapConverter<string>(_pool),
                new PooledMapConverter<Quantity>(_pool),
            },
        };
        options.MakeReadOnly();
        return options;
    }
}
