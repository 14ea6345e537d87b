using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.SGLang;
using GpuStack.Modeling.Transformers;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Modeling.Tests.Serving;

public class ServingLawTests
{
    private static readonly EngineVersion[] Releases = [new(0, 6), new(0, 8, 5), new(0, 11), new(0, 19), new(0, 33)];

    [Fact]
    public void Totals_are_the_sum_over_ranks() => ForAll(test =>
    {
        foreach (ServingEstimate estimate in test.Estimates())
        {
            MemoryEstimate memory = estimate.Memory;
            long sum = memory.Devices.Sum(static device => device.Weight.Value + device.KvCache.Value + device.Compute.Value + device.Overhead.Value);
            int next = 0;
            foreach (DeviceMemory device in memory.Devices.Take(memory.Devices.Length - 1).Where((_, rank) => rank % test.Tensor == 0))
            {
                if (device.FirstLayer != next)
                {
                    return false;
                }

                next = device.LastLayer!.Value + 1;
            }

            if (memory.Total.Value != sum || next != memory.Layers || estimate.CachePools.Length != test.Tensor * test.Pipeline
                || memory.Devices.Length != estimate.CachePools.Length + 1)
            {
                return false;
            }
        }

        return true;
    });

    [Fact]
    public void More_context_or_requests_never_need_less_and_never_fit_more() => ForAll(test =>
    {
        Case longer = test with { Context = test.Context + test.More };
        Case more = test with { Requests = test.Requests + 1 };
        return test.Estimates().Zip(longer.Estimates(), more.Estimates()).All(static e =>
            NeverLess(e.First, e.Second) && NeverLess(e.First, e.Third) && e.Second.MaxConcurrency <= e.First.MaxConcurrency);
    });

    [Fact]
    public void More_ranks_never_hold_more_weights_or_cache_each() => ForAll(test => test.Tensor > 8 ||
        test.Estimates().Zip((test with { Tensor = test.Tensor * 2 }).Estimates()).All(static e =>
            e.Second.Memory.Devices[0].Weight <= e.First.Memory.Devices[0].Weight
            && e.Second.Memory.Devices[0].KvCache <= e.First.Memory.Devices[0].KvCache));

    [Fact]
    public void A_larger_share_or_a_larger_gpu_never_has_a_smaller_cache() => ForAll(test =>
        test.Estimates().Zip((test with { Share = test.Share + 0.05 }).Estimates(), (test with { Gibibytes = test.Gibibytes + 1 }).Estimates()).All(static e =>
            e.Second.CachePool >= e.First.CachePool && e.Second.CacheTokens >= e.First.CacheTokens && e.Second.LargestContext >= e.First.LargestContext
            && e.Third.CachePool >= e.First.CachePool));

    [Fact]
    public void What_is_said_to_fit_fits_the_cache() => ForAll(test => test.Estimates().All(estimate =>
        !estimate.Fits || (estimate.MaxConcurrency >= test.Requests
            && estimate.Memory.Devices.Take(estimate.CachePools.Length).Zip(estimate.CachePools).All(static e => e.First.KvCache <= e.Second))));

    private static bool NeverLess(ServingEstimate less, ServingEstimate more) =>
        less.Memory.Devices.Zip(more.Memory.Devices).All(static e => e.Second.KvCache >= e.First.KvCache && e.Second.Total >= e.First.Total);

    private static void ForAll(Func<Case, bool> law)
    {
        Gen<Case> cases =
            from model in Gen.Elements<TransformerModel>(TransformerShapes.All)
            from release in Gen.Elements(Releases)
            from tensor in Gen.Elements(1, 2, 4, 8, 16)
            from pipeline in Gen.Choose(1, 5)
            from gibibytes in Gen.Elements(15.5, 23.6, 44.4, 79.2, 139.8, 178.3)
            from share in Gen.Choose(30, 90)
            from context in Gen.Choose(1, 40_000)
            from more in Gen.Choose(0, 100_000)
            from requests in Gen.Choose(1, 40)
            from fp8 in Gen.Elements(CacheElement.Auto, CacheElement.Fp8)
            select new Case(model, release, tensor, pipeline, gibibytes, share / 100.0, context, more, requests, fp8);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(cases.ToArbitrary(), test => test.Model.HeadCount % test.Tensor != 0 || law(test)));
    }

    private sealed record Case(
        TransformerModel Model, EngineVersion Release, int Tensor, int Pipeline, double Gibibytes, double Share, int Context, int More, int Requests, CacheElement Element)
    {
        public ServingEstimate[] Estimates()
        {
            var served = ServedModel.Of(Model);
            var demand = new ServingDemand(new(Context), Requests);
            return
            [
                VllmEstimator.Estimate(
                    served,
                    new VllmOptions
                    {
                        Version = Release,
                        GpuMemory = Bytes.FromGiB(Gibibytes),
                        TensorParallel = Tensor,
                        PipelineParallel = Pipeline,
                        GpuMemoryUtilization = Share,
                        MaxModelLength = new(262_144),
                        KvCacheType = Element,
                        MaxBatchedTokens = 8192,
                    },
                    demand),
                SglangEstimator.Estimate(
                    served,
                    new SglangOptions
                    {
                        GpuMemory = Bytes.FromGiB(Gibibytes),
                        TensorParallel = Tensor,
                        PipelineParallel = Pipeline,
                        MemoryFractionStatic = Share,
                        KvCacheType = Element,
                    },
                    demand),
            ];
        }
    }
}
