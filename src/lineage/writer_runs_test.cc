#include "lineage/writer_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::lineage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Hit = WriterRuns::Hit;

TEST(WriterRuns, NamesTheWriterOfEachOffset) {
  WriterRuns runs;
  runs.add(0, 10, 1);
  runs.add(10, 20, 2);
  EXPECT_THAT(runs.writers_of(0, 10), ElementsAre(Hit{1, true}));
  EXPECT_THAT(runs.writers_of(9, 11), ElementsAre(Hit{1, true}, Hit{2, true}));
  EXPECT_THAT(runs.writers_of(20, 30), IsEmpty());
}

TEST(WriterRuns, KeepsNeighboursOfOneWriterAsOneRun) {
  WriterRuns runs;
  for (int batch = 0; batch < 1000; ++batch) runs.add(batch * 5, batch * 5 + 5, 7);
  EXPECT_EQ(runs.size(), 1U);
}

TEST(WriterRuns, JoinsRunsWhenTheMissingPieceArrivesLate) {
  WriterRuns runs;
  runs.add(0, 5, 1);
  runs.add(10, 15, 1);
  EXPECT_EQ(runs.covered_until(0, 15), 5);
  runs.add(5, 10, 1);
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs.covered_until(0, 15), 15);
}

TEST(WriterRuns, LastAppendOfAnOffsetWins) {
  WriterRuns runs;
  runs.add(0, 30, 1);
  runs.add(10, 20, 2);
  EXPECT_THAT(runs.writers_of(10, 20), ElementsAre(Hit{2, true}));
  EXPECT_THAT(runs.writers_of(0, 10), ElementsAre(Hit{1, true}));
  EXPECT_THAT(runs.writers_of(20, 30), ElementsAre(Hit{1, true}));
  EXPECT_EQ(runs.size(), 3U);
}

TEST(WriterRuns, AnEmptyAppendChangesNothing) {
  WriterRuns runs;
  runs.add(3, 3, 1);
  EXPECT_EQ(runs.size(), 0U);
  EXPECT_EQ(runs.covered_until(3, 3), 3);
}

TEST(WriterRuns, StaysWithinItsBoundAndSaysThatOldOffsetsAreNotCertain) {
  WriterRuns runs(8);
  for (int offset = 0; offset < 1000; ++offset) runs.add(offset, offset + 1, offset % 2 == 0 ? 1 : 2);
  EXPECT_LE(runs.size(), 8U);
  EXPECT_THAT(runs.writers_of(0, 1), ElementsAre(Hit{1, false}, Hit{2, false}));
  EXPECT_THAT(runs.writers_of(999, 1000), ElementsAre(Hit{2, true}));
  EXPECT_EQ(runs.covered_until(0, 1000), 1000);
}

TEST(WriterRuns, AReadOfAWholeMixedRunIsCertain) {
  WriterRuns runs(4);
  for (int offset = 0; offset < 5; ++offset) runs.add(offset, offset + 1, static_cast<WriterNumber>(offset));
  EXPECT_THAT(runs.writers_of(0, 2), ElementsAre(Hit{0, true}, Hit{1, true}));
  EXPECT_THAT(runs.writers_of(0, 1), ElementsAre(Hit{0, false}, Hit{1, false}));
}

}  // namespace
}  // namespace myelin::lineage
