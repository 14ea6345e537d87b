using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp.Projectors;

namespace GpuStack.Modeling.LlamaCpp.Parts;

/// <summary>
/// All that one llama-server loads: a language model, and beside it a projector (<c>--mmproj</c>) and a draft model (<c>-md</c>).
/// Measured: the draft follows the model's tensor split, context and number of requests, but caches in 16 bits unless told
/// otherwise; the projector lies on one device.
/// </summary>
public sealed record LlamaCppServer
{
    /// <summary>The language model.</summary>
    public required LlamaCppModel Model { get; init; }

    /// <summary>The projector; null without one.</summary>
    public ProjectorModel? Projector { get; init; }

    /// <summary>Whether the projector is kept on the host (<c>--no-mmproj-offload</c>).</summary>
    public bool ProjectorOnHost { get; init; }

    /// <summary>The draft model; null without one.</summary>
    public LlamaCppModel? Draft { get; init; }

    /// <summary>The draft's own settings.</summary>
    public DraftOptions DraftOptions { get; init; } = new();

    /// <summary>The whole estimate for a split of the model's layers; the parts stand beside the sums when there are several.</summary>
    /// <param name="options">The server's settings.</param>
    /// <param name="split">Layers of the model per device.</param>
    /// <param name="shares">The tensor split (<c>-ts</c>), which divides the draft; null: the layer counts themselves, as the operator passes them.</param>
    /// <exception cref="ArgumentException">The split or the options suit no model; see <see cref="LlamaCppCosts"/>.</exception>
    public MemoryEstimate Estimate(LlamaCppOptions options, DeviceSplit split, IReadOnlyList<float>? shares = null)
    {
        MemoryEstimate model = LlamaCppCosts.Create(Model, options).Estimate(split);
        if (Projector is null && Draft is null)
        {
            return model;
        }

        ImmutableArray<MemoryPart>.Builder parts = ImmutableArray.CreateBuilder<MemoryPart>(3);
        parts.Add(new MemoryPart
        {
            Kind = MemoryPartKind.Model,
            Name = model.Model,
            Architecture = model.Architecture,
            Devices = model.Devices,
            UpperBound = model.UpperBound,
        });
        if (Projector is not null)
        {
            parts.Add(ProjectorPart(Projector, options, split, model.Devices));
        }

        if (Draft is not null)
        {
            parts.Add(DraftPart(Draft, options, split, shares));
        }

        return model with { Parts = parts.ToImmutable(), Devices = Sum(parts), UpperBound = AnyBound(parts) };
    }

    /// <summary>The device that a projector lies on: the first of the server's own, else the first RPC device; null is the host.</summary>
    private int? ProjectorDevice(DeviceSplit split) =>
        ProjectorOnHost || split.LayersPerDevice.IsEmpty ? null
        : split.RpcDevices < split.LayersPerDevice.Length ? split.RpcDevices
        : 0;

    private MemoryPart ProjectorPart(ProjectorModel projector, LlamaCppOptions options, DeviceSplit split, ImmutableArray<DeviceMemory> devices)
    {
        ProjectorCosts costs = ProjectorCosts.Create(projector, options.FlashAttention);
        int? at = ProjectorDevice(split);
        ImmutableArray<DeviceMemory>.Builder rows = ImmutableArray.CreateBuilder<DeviceMemory>(devices.Length);
        foreach (DeviceMemory device in devices)
        {
            bool here = device.Index == at;
            bool inputs = device.Kind == DeviceKind.Host && at is not null;
            rows.Add(new DeviceMemory
            {
                Kind = device.Kind,
                Index = device.Index,
                Weight = here ? costs.Weight : default,
                Compute = here ? costs.Compute : inputs ? costs.HostCompute : default,
            });
        }

        return new MemoryPart
        {
            Kind = MemoryPartKind.Projector,
            Name = projector.Name,
            Architecture = string.Join('+', projector.Towers.Select(tower => tower.Type)),
            Devices = rows.MoveToImmutable(),
            UpperBound = costs.UpperBound,
        };
    }

    private MemoryPart DraftPart(LlamaCppModel draft, LlamaCppOptions options, DeviceSplit split, IReadOnlyList<float>? shares)
    {
        LlamaCppCosts costs = LlamaCppCosts.Create(draft, options with { KeyType = DraftOptions.KeyType, ValueType = DraftOptions.ValueType });
        int layers = Math.Min(DraftOptions.GpuLayers ?? int.MaxValue, costs.OffloadableLayers);
        shares ??= [.. split.LayersPerDevice.Select(count => (float)count)];
        if (!shares.Any(share => share > 0))
        {
            shares = [.. Enumerable.Repeat(1f, split.LayersPerDevice.Length)];
        }

        MemoryEstimate estimate = costs.Estimate(split with
        {
            LayersPerDevice = split.LayersPerDevice.IsEmpty ? [] : LayerSplit.LayersPerDevice(layers, shares),
        });
        return new MemoryPart
        {
            Kind = MemoryPartKind.Draft,
            Name = estimate.Model,
            Architecture = estimate.Architecture,
            // One process holds all parts: the margin of its context counts once, with the model.
            Devices = [.. estimate.Devices.Select(device => device.Kind == DeviceKind.Host ? device : device with { Overhead = default })],
            UpperBound = estimate.UpperBound,
        };
    }

    private static ImmutableArray<DeviceMemory> Sum(ImmutableArray<MemoryPart>.Builder parts)
    {
        DeviceMemory[] sums = [.. parts[0].Devices];
        for (int part = 1; part < parts.Count; part++)
        {
            for (int i = 0; i < sums.Length; i++)
            {
                DeviceMemory other = parts[part].Devices[i];
                sums[i] = sums[i] with
                {
                    Weight = sums[i].Weight + other.Weight,
                    KvCache = sums[i].KvCache + other.KvCache,
                    Compute = sums[i].Compute + other.Compute,
                    Overhead = sums[i].Overhead + other.Overhead,
                };
            }
        }

        return ImmutableArray.Create(sums);
    }

    private static bool AnyBound(IEnumerable<MemoryPart> parts) => parts.Any(part => part.UpperBound);
}
