using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Fits;
using GpuStack.Modeling.LlamaCpp.Parts;
using GpuStack.Modeling.LlamaCpp.Quantization;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.LlamaCpp.Fits;

public class FitSearchTests
{
    private static readonly LlamaCppOptions Options = new() { ContextLength = new Tokens(8192), ParallelRequests = 2 };

    [Fact]
    public async Task The_largest_context_fits_and_the_next_one_does_not()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.3-70B-Instruct-Q4_K_M.gguf") };
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(30), Prop.ForAll(Memories().ToArbitrary(), usable =>
        {
            FitSearch search = FitSearch.Create(server, usable, rpcDevices: 0);
            if (search.LargestContext(Options) is not { } fit)
            {
                return search.Split(Options with { ContextLength = new Tokens(256) }) is null;
            }

            MemoryEstimate estimate = server.Estimate(Options with { ContextLength = fit.Context }, fit.Split);
            bool next = fit.LimitedByModel || search.Split(Options with { ContextLength = new Tokens(fit.Context.Value + 256) }) is null;
            return search.Fits(estimate) && next && fit.Split.LayersPerDevice.Sum() == 81 && fit.Context.Value % 256 == 0;
        }));
    }

    [Fact]
    public async Task The_best_split_is_found_whenever_there_is_one()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf") };
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(
            Gen.Choose(500, 1600).ArrayOf(2).ToArbitrary(),
            sizes =>
            {
                ImmutableArray<Bytes> usable = [.. sizes.Select(size => Bytes.FromMiB(size))];
                FitSearch search = FitSearch.Create(server, usable, rpcDevices: 1);
                bool any = Enumerable.Range(0, 18).Any(first => search.Fits(server.Estimate(Options, new DeviceSplit { LayersPerDevice = [first, 17 - first] })));
                return search.Split(Options) is not null == any;
            }));
    }

    [Fact]
    public async Task A_given_split_is_kept()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.3-70B-Instruct-Q4_K_M.gguf") };
        ImmutableArray<Bytes> usable = [Bytes.FromGiB(47), Bytes.FromGiB(23)];

        ContextFit? even = FitSearch.Create(server, usable, rpcDevices: 0, [1, 1]).LargestContext(Options);
        ContextFit? uneven = FitSearch.Create(server, usable, rpcDevices: 0, [2, 1]).LargestContext(Options);

        Assert.Equal([41, 40], even!.Split.LayersPerDevice);
        Assert.Equal([54, 27], uneven!.Split.LayersPerDevice);
        Assert.True(uneven.Context > even.Context);
    }

    [Fact]
    public async Task A_draft_takes_its_memory_where_the_split_puts_it()
    {
        LlamaCppServer server = new()
        {
            Model = await SampleFiles.ModelAsync("Llama-3.3-70B-Instruct-Q4_K_M.gguf"),
            Draft = await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf"),
        };
        ImmutableArray<Bytes> usable = [Bytes.FromGiB(24), Bytes.FromGiB(24)];
        FitSearch search = FitSearch.Create(server, usable, rpcDevices: 2);

        ContextFit with = search.LargestContext(Options)!;
        ContextFit without = FitSearch.Create(server with { Draft = null }, usable, rpcDevices: 2).LargestContext(Options)!;

        Assert.True(search.Fits(server.Estimate(Options with { ContextLength = with.Context }, with.Split)));
        Assert.True(with.Context < without.Context);
    }

    [Fact]
    public async Task As_many_layers_as_fit_are_offloaded()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.3-70B-Instruct-Q4_K_M.gguf") };
        FitSearch search = FitSearch.Create(server, [Bytes.FromGiB(23)], rpcDevices: 0);

        LayerFit fit = search.MostLayers(Options);

        Assert.InRange(fit.Layers, 1, 80);
        Assert.True(search.Fits(server.Estimate(Options, fit.Split)));
        Assert.False(search.Fits(server.Estimate(Options, new DeviceSplit { LayersPerDevice = [fit.Layers + 1] })));
        Assert.Equal(0, FitSearch.Create(server, [Bytes.FromMiB(700)], rpcDevices: 0).MostLayers(Options).Layers);
    }

    [Fact]
    public async Task The_models_own_context_is_the_limit()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf") };

        ContextFit fit = FitSearch.Create(server, [Bytes.FromGiB(141)], rpcDevices: 0).LargestContext(Options)!;

        Assert.Equal((131072, true), (fit.Context.Value, fit.LimitedByModel));
        Assert.Null(FitSearch.Create(server, [Bytes.FromMiB(600)], rpcDevices: 0).LargestContext(Options));
    }

    [Fact]
    public async Task Quantizations_fit_from_some_size_down()
    {
        GgufHeader header = await SampleFiles.ReadAsync("Llama-3.1-8B-Instruct-F16.gguf");
        LlamaCppServer server = new() { Model = LlamaCppModel.FromGguf(header) };

        ImmutableArray<QuantizationFit> fits = QuantizationSearch.Of(header, server, Options, [Bytes.FromGiB(7)], rpcDevices: 0);

        Assert.Equal(Enum.GetValues<GgufFileType>(), fits.Select(fit => fit.Type));
        Assert.Equal(GgufFileType.Q4_K_M, fits.First(fit => fit.Fits).Type);
        Assert.All(fits.SkipWhile(fit => !fit.Fits), fit => Assert.True(fit.Fits));
    }

    [Fact]
    public async Task A_search_without_devices_is_refused()
    {
        LlamaCppServer server = new() { Model = await SampleFiles.ModelAsync("Llama-3.2-1B-Instruct-Q8_0.gguf") };

        Assert.Throws<ArgumentException>(() => FitSearch.Create(server, [], rpcDevices: 0));
        Assert.Throws<ArgumentException>(() => FitSearch.Create(server, [Bytes.FromGiB(8)], rpcDevices: 2));
        Assert.Throws<ArgumentException>(() => FitSearch.Create(server, [Bytes.FromGiB(8)], rpcDevices: 0, [1, 1]));
    }

    private static Gen<ImmutableArray<Bytes>> Memories() =>
        from count in Gen.Choose(1, 4)
        from sizes in Gen.Choose(6, 60).ArrayOf(count)
        select sizes.Select(size => Bytes.FromGiB(size)).ToImmutableArray();
}
